import { targetTable } from '../judged.js';
import { median, summarize } from '../statistics.js';
import type { Table } from '../table.js';
import { ms } from '../table.js';
import type { FleetResults, FleetSizeResults, IdleFigures, MemoryTrio } from './fleet-results.js';
import { CHANGES } from './fleet-results.js';
import type { ChangeKind } from './fleet-results.js';
import { fleetTargets } from './fleet-targets.js';

const seconds = (value: number): string => (value / 1_000).toFixed(1);

/** All tables of the section on fleets, in the order they are read. */
export function fleetTables(results: FleetResults): Table[] {
  const { sizes, plan } = results;
  return [
    targetTable('Fleet: targets', fleetTargets(results)),
    {
      title: 'Fleet: until all robots are shown',
      columns: ['robots', '', 'half', '99 %', 'all'],
      rows: sizes.flatMap((size) => comingRows(size)),
      note: 'Seconds. Cold start: from when the robots begin to connect, all at once. A new console: from the start of its process, and of that from when it listens. `mosquitto_sub` is a plain subscriber, whole program, until it has as many reports: what the way from the broker alone costs.',
    },
    {
      title: 'Fleet: the broker is killed and comes back',
      columns: ['robots', 'it keeps', 'away', 'nobody online', 'half back', '99 %', 'all', 'shown early'],
      rows: sizes.flatMap(({ robots, outages }) =>
        outages.map(({ persistence, downMs, gone, back, early }) => [
          String(robots),
          persistence ? 'all' : 'nothing',
          `${seconds(downMs)} s`,
          `${ms(gone)} ms`,
          `${seconds(back.half)} s`,
          `${seconds(back.most)} s`,
          `${seconds(back.all)} s`,
          String(early),
        ]),
      ),
      note: 'SIGKILL. Nobody online: until a follower of the console had it. Back: from when the broker listened again until robots were online and had reported anew. Shown early: the most robots at one moment that were shown as online with a report from before the outage. A robot says first that it is there, and then how it is; with persistence those are among them that have not come back yet, for the broker has kept that they were there. It wrote that down just before it was killed, as mosquitto else does every half hour.',
    },
    {
      title: 'Fleet: what is asked and what is told',
      columns: ['robots', '', 'N', 'p50', 'p95', 'p99', 'max'],
      rows: sizes.flatMap((size) => toldRows(size)),
      note: `Milliseconds. \`GET /api/fleet\` over the unix socket, one after the other on a connection each, beside all heartbeats: until the last byte, and until the typed client has read and checked it. A change: from the robot's change until a follower of the console has read the event; the member tells at once where it has been quiet for half a second, else half a second after its last report; the console gathers for a fifth.`,
    },
    {
      title: 'Fleet: a command to all',
      columns: [
        'robots',
        'at a time',
        'rounds',
        'all, median',
        'all, max',
        'one, p50',
        'one, p99',
        'not succeeded',
        'CPU a robot',
        'dropped',
      ],
      rows: sizes.flatMap(({ robots, commands }) =>
        commands.map(({ atOnce, total, robot, failures, cpu, dropped }) => {
          const { median: middle, p99 } = summarize(robot);
          const failed = Object.entries(failures).map(([what, count]) => `${String(count)} ${what}`);
          return [
            String(robots),
            String(atOnce),
            String(total.length),
            `${seconds(median(total))} s`,
            `${seconds(Math.max(...total))} s`,
            `${ms(middle)} ms`,
            `${ms(p99)} ms`,
            failed.join(', ') || '0',
            `${cpu.console.toFixed(1)} + ${cpu.broker.toFixed(1)} + ${cpu.robots.toFixed(1)}`,
            Number.isFinite(dropped) ? String(dropped) : '–',
          ];
        }),
      ),
      note: "Ask, offer, do, accepted, ended; the operation itself takes 50 ms here. All: by the times of the run. One: from when a robot is asked to its operation's end. CPU: milliseconds of console, broker and robots, whatever else the machine does. Dropped: messages, by the broker, whose queue for one subscriber is 1,000 long by default.",
    },
    {
      title: 'Fleet: memory',
      columns: [
        'robots',
        '',
        'empty',
        'all there',
        'at the end',
        'a robot, all there',
        'a robot, at the end',
      ],
      rows: sizes.flatMap((size) => memoryRows(size)),
      note: 'MiB; a robot: KiB above the empty one, over the number of robots. Empty: connected, no robot, some seconds after its start, and so with what its start has left. At the end: after asks, changes and commands, whose runs are kept. Held: on the heap and beside it (V8), after a collection of garbage that the bench asks for. PSS shares the program itself with the processes of the robots.',
    },
    {
      title: 'Fleet: at idle, heartbeats alone',
      columns: [
        'robots',
        '',
        'console',
        'broker',
        'robots, all',
        'packets/s in',
        'out',
        'KiB/s in',
        'out',
        'events/s',
      ],
      rows: sizes.flatMap(({ robots, idle, retained }) => [
        idleRow(`${String(robots)} (${String(retained)} retained)`, 'nobody looks', idle.alone),
        idleRow(String(robots), 'one follows', idle.followed),
        idleRow(String(robots), 'one follows, runs are kept', idle.afterRuns),
      ]),
      note: `Percent of one core over ${seconds(plan.windowMs)} s; a heartbeat every ${String(plan.heartbeatS)} s. Packets of any kind, seen from the broker. Events: what the follower had, of robots and of runs.`,
    },
  ];
}

function comingRows({ robots, start, arrivals }: FleetSizeResults): string[][] {
  const count = String(robots);
  const plain = median(arrivals.plain.map((one) => one.ms));
  const whole = median(arrivals.console.map((one) => one.ms));
  const listening = median(arrivals.console.map((one) => one.listeningMs));
  const least = Math.min(...arrivals.plain.map(({ had }) => had));
  return [
    [count, 'cold start of all', seconds(start.half), seconds(start.most), seconds(start.all)],
    [count, 'a new console, its process and all', '', '', seconds(whole)],
    [count, 'a new console, from when it listens', '', '', seconds(listening)],
    [count, `\`mosquitto_sub\`, ${String(least)} reports`, '', '', (plain / 1_000).toFixed(2)],
  ];
}

function toldRows({ robots, asks, changes }: FleetSizeResults): string[][] {
  const row = (what: string, samples: readonly number[]): string[] => {
    const { n, median: middle, p95, p99, max } = summarize(samples);
    return [String(robots), what, String(n), ms(middle), ms(p95), ms(p99), ms(max)];
  };
  return [
    row(`GET /api/fleet, ${(asks.bytes / 1024).toFixed(0)} KiB`, asks.plain),
    row('the same by the typed client', asks.typed),
    ...(asks.program.length === 0 ? [] : [row('`rovictl fleet status`, whole program', asks.program)]),
    ...(Object.keys(CHANGES) as ChangeKind[]).map((kind) => row(`change, ${CHANGES[kind]}`, changes[kind])),
  ];
}

function memoryRows({ robots, memory }: FleetSizeResults): string[][] {
  const row = (what: string, of: (at: MemoryTrio) => number): string[] => {
    const [empty, full, end] = [of(memory.empty), of(memory.full), of(memory.end)];
    const each = (from: number): string => ((1_024 * (from - empty)) / robots).toFixed(1);
    return [String(robots), what, ...[empty, full, end].map((one) => one.toFixed(1)), each(full), each(end)];
  };
  return [
    row('console, RSS', (at) => at.console.rss),
    row('console, PSS', (at) => at.console.pss),
    row('console, held after a collection', (at) => at.held),
    row('broker, RSS', (at) => at.broker.rss),
    row('broker, PSS', (at) => at.broker.pss),
  ];
}

function idleRow(robots: string, what: string, figures: IdleFigures): string[] {
  const { console, broker, received, sent, receivedBytes, sentBytes, events } = figures;
  return [
    robots,
    what,
    ...[console, broker, figures.robots].map((one) => `${one.toFixed(1)} %`),
    ...[received, sent].map((one) => one.toFixed(0)),
    ...[receivedBytes, sentBytes].map((one) => (one / 1_024).toFixed(1)),
    `${events.robots.toFixed(1)} + ${events.runs.toFixed(1)}`,
  ];
}
