import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasRealRos } from '@rovi/testbed';
import { readArguments, USAGE } from './arguments.js';
import type { BenchArguments } from './arguments.js';
import { fleetPage } from './fleet/fleet-page.js';
import { fleetTables } from './fleet/fleet-tables.js';
import { runFleet } from './fleet/run-fleet.js';
import { httpPage } from './http/http-page.js';
import { httpTables } from './http/http-tables.js';
import { runHttp } from './http/run-http.js';
import { busyPercent, machineFacts } from './machine.js';
import type { Measured } from './measured.js';
import { monotonicMs } from './monotonic.js';
import { performancePage } from './page.js';
import type { Plan } from './plan.js';
import type { Results, SizeResults } from './results.js';
import { rosPage } from './ros/ros-page.js';
import { rosTables } from './ros/ros-tables.js';
import { runRos } from './ros/run-ros.js';
import { runSize } from './run.js';
import type { Progress } from './run.js';
import { runServices } from './services/run-services.js';
import { servicesPage } from './services/services-page.js';
import { servicesTables } from './services/services-tables.js';
import { terminalTable } from './table.js';
import { tablesOf } from './tables.js';
import { runTickets } from './tickets/run-tickets.js';
import { ticketsPage } from './tickets/tickets-page.js';
import { ticketsTables } from './tickets/tickets-tables.js';

/** Percent of all cores above which others spoil what is measured. */
const TOO_BUSY = 5;

async function measureCore(plan: Plan, command: string, progress: Progress): Promise<Results> {
  const begin = monotonicMs();
  progress('what else does the machine do?');
  const busyBefore = await busyPercent();
  if (busyBefore > TOO_BUSY) {
    progress(`others use ${busyBefore.toFixed(0)} % of it: these figures will be worth little`);
  }
  const [smallest, ...larger] = plan.sizes;
  if (smallest === undefined) throw new Error('no size of catalog to measure');
  const { size: first, once } = await runSize({ size: smallest, plan, once: true, progress });
  const sizes: SizeResults[] = [first];
  for (const size of larger) sizes.push((await runSize({ size, plan, once: false, progress })).size);
  return {
    date: new Date().toISOString().slice(0, 10),
    command,
    minutes: (monotonicMs() - begin) / 60_000,
    machine: await machineFacts([busyBefore, await busyPercent()]),
    plan,
    sizes,
    once,
  };
}

async function measure(read: BenchArguments, command: string, progress: Progress): Promise<Measured> {
  if (read.only === 'http') return { http: await runHttp(read.httpPlan, command, progress) };
  if (read.only === 'services') return { services: await runServices(read.servicesPlan, command, progress) };
  if (read.only === 'tickets') return { tickets: await runTickets(read.ticketsPlan, command, progress) };
  if (read.only === 'fleet') return { fleet: await runFleet(read.fleetPlan, command, progress) };
  const core = read.only === 'ros' ? undefined : await measureCore(read.plan, command, progress);
  const sourced = hasRealRos();
  if (!sourced && read.only === 'ros')
    throw new Error('no ROS 2 is sourced: source /opt/ros/<distro>/setup.bash first');
  if (!sourced) progress('the ROS face is not measured: no ROS 2 is sourced');
  const ros = sourced ? await runRos(read.rosPlan, command, progress) : undefined;
  return { ...(core === undefined ? {} : { core }), ...(ros === undefined ? {} : { ros }) };
}

async function main(argv: readonly string[]): Promise<void> {
  const read = readArguments(argv);
  if (read === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const { from, json, docs } = read;
  const begin = monotonicMs();
  const progress = (text: string): void => {
    const seconds = ((monotonicMs() - begin) / 1000).toFixed(0).padStart(4);
    process.stderr.write(`${seconds} s  ${text}\n`);
  };
  const command = ['npm run bench', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' ');
  const measured =
    from === undefined
      ? await measure(read, command, progress)
      : (JSON.parse(await readFile(from, 'utf8')) as Measured);
  const { core, ros, http, services, tickets, fleet } = measured;
  const tables = [
    ...(core === undefined ? [] : tablesOf(core)),
    ...(ros === undefined ? [] : rosTables(ros)),
    ...(http === undefined ? [] : httpTables(http)),
    ...(services === undefined ? [] : servicesTables(services)),
    ...(tickets === undefined ? [] : ticketsTables(tickets)),
    ...(fleet === undefined ? [] : fleetTables(fleet)),
  ];
  process.stdout.write(`\n${tables.map(terminalTable).join('\n')}`);
  const files: [string | undefined, string | undefined][] = [
    [json, `${JSON.stringify(measured, undefined, 1)}\n`],
    [docs, core && performancePage(core, ros !== undefined)],
    [docs && join(dirname(docs), 'performance-ros.md'), ros && rosPage(ros)],
    [docs && join(dirname(docs), 'performance-http.md'), http && httpPage(http)],
    [docs && join(dirname(docs), 'performance-services.md'), services && servicesPage(services)],
    [docs && join(dirname(docs), 'performance-tickets.md'), tickets && ticketsPage(tickets)],
    [docs && join(dirname(docs), 'performance-fleet.md'), fleet && fleetPage(fleet)],
  ];
  for (const [file, text] of files) {
    if (file === undefined || text === undefined) continue;
    await writeFile(file, text);
    progress(`written: ${file}`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
