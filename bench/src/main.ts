import { readFile, writeFile } from 'node:fs/promises';
import { readArguments, USAGE } from './arguments.js';
import { busyPercent, machineFacts } from './machine.js';
import { monotonicMs } from './monotonic.js';
import { performancePage } from './page.js';
import type { Plan } from './plan.js';
import type { Results, SizeResults } from './results.js';
import { runSize } from './run.js';
import type { Progress } from './run.js';
import { terminalTable } from './table.js';
import { tablesOf } from './tables.js';

/** Percent of all cores above which others spoil what is measured. */
const TOO_BUSY = 5;

async function measure(plan: Plan, command: string, progress: Progress): Promise<Results> {
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

async function main(argv: readonly string[]): Promise<void> {
  const read = readArguments(argv);
  if (read === 'help') {
    process.stdout.write(USAGE);
    return;
  }
  const { plan, from, json, docs } = read;
  const begin = monotonicMs();
  const progress = (text: string): void => {
    const seconds = ((monotonicMs() - begin) / 1000).toFixed(0).padStart(4);
    process.stderr.write(`${seconds} s  ${text}\n`);
  };
  const command = ['npm run bench', ...(argv.length > 0 ? ['--', ...argv] : [])].join(' ');
  const results =
    from === undefined
      ? await measure(plan, command, progress)
      : (JSON.parse(await readFile(from, 'utf8')) as Results);
  process.stdout.write(`\n${tablesOf(results).map(terminalTable).join('\n')}`);
  if (json !== undefined) await writeFile(json, `${JSON.stringify(results, undefined, 1)}\n`);
  if (docs !== undefined) await writeFile(docs, performancePage(results));
  for (const file of [json, docs]) if (file !== undefined) progress(`written: ${file}`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
});
