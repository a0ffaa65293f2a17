import { quantile } from '../statistics.js';
import { ms } from '../table.js';
import type { Target } from '../targets.js';
import type { FleetResults, FleetSizeResults } from './fleet-results.js';
import { CHANGES } from './fleet-results.js';
import type { ChangeKind } from './fleet-results.js';

/** Milliseconds, and MiB. */
const ASK_MS = 50;
const CHANGE_MS = 700;
const CONSOLE_MIB = 64;
const GONE_MS = 1_000;
const BACK_MS = 60_000;

/** The 99th of a hundred. */
export function p99(samples: readonly number[]): number {
  return quantile(
    [...samples].sort((a, b) => a - b),
    0.99,
  );
}

/** MiB that the console has at most, its garbage included, above the same console without robots. */
export function consoleGrowth({ memory: { empty, full, end } }: FleetSizeResults): number {
  return Math.max(full.console.rss, end.console.rss) - empty.console.rss;
}

/** What is wanted of the largest fleet; written down before the first run. */
export function fleetTargets({ sizes }: FleetResults): Target[] {
  const size = sizes.at(-1);
  if (size === undefined) return [];
  const { robots, asks, changes, outages, commands } = size;
  const of = `${String(robots)} robots`;
  const [gone, back] = [
    Math.max(...outages.map((one) => one.gone)),
    Math.max(...outages.map((one) => one.back.all)),
  ];
  const failed = commands
    .flatMap(({ failures }) => Object.values(failures))
    .reduce((sum, one) => sum + one, 0);
  const growth = consoleGrowth(size);
  return [
    target(
      `GET /api/fleet, ${of}, p99`,
      `< ${String(ASK_MS)} ms`,
      `${ms(p99(asks.plain))} ms`,
      p99(asks.plain) < ASK_MS,
    ),
    ...(Object.keys(CHANGES) as ChangeKind[]).map((kind) =>
      target(
        `change to event, ${CHANGES[kind]}, p99`,
        `< ${String(CHANGE_MS)} ms`,
        `${ms(p99(changes[kind]))} ms`,
        p99(changes[kind]) < CHANGE_MS,
      ),
    ),
    target(
      `memory of the console for ${of}`,
      `< ${String(CONSOLE_MIB)} MiB above the empty one`,
      `${growth.toFixed(1)} MiB`,
      growth < CONSOLE_MIB,
    ),
    target(
      'the broker is killed: nobody is shown as online',
      `< ${String(GONE_MS)} ms`,
      `${ms(gone)} ms`,
      gone < GONE_MS,
    ),
    target(
      'it is there again: all are online and have reported',
      `< ${String(BACK_MS / 1_000)} s`,
      `${(back / 1_000).toFixed(1)} s`,
      back < BACK_MS,
    ),
    target('commands to all that did not succeed', '0', String(failed), failed === 0),
  ];
}

function target(what: string, wanted: string, measured: string, met: boolean): Target {
  return { what, wanted, measured, met };
}
