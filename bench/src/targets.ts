import { estimate, median, summarize } from './statistics.js';
import type { Estimate } from './statistics.js';
import type { Contender } from './contenders.js';
import type { StartSamples } from './measure-start.js';
import type { Results, SizeResults } from './results.js';
import { ms } from './table.js';

/** One thing that was promised and what came of it. */
export interface Target {
  readonly what: string;
  readonly wanted: string;
  readonly measured: string;
  readonly met: boolean;
}

const RATIO = 1.15;
const CRASH_MS = 20;
const IDLE_PERCENT = 0.2;

/** How the median start of one contender compares with another's. */
export function startRatio(samples: StartSamples, one: Contender, other: Contender): Estimate {
  return estimate([samples.start[one] ?? [], samples.start[other] ?? []], (a, b) => a / b);
}

export function ratioText({ value, low, high }: Estimate): string {
  return `${value.toFixed(2)} × (${low.toFixed(2)}–${high.toFixed(2)})`;
}

/** The targets, each judged by its point estimate. */
export function targets({ sizes, once }: Results): Target[] {
  const [first] = sizes;
  const last = sizes.at(-1);
  if (first === undefined || last === undefined) return [];
  return [
    start('start, generated stack unit', first.generated),
    start('start, trivial unit body', first.trivial),
    ...sizes.flatMap((size) => [
      crash(`crash to first event, generated unit, ${size.size} units`, size.crash.generated.first),
      crash(`crash to FAILED, generated unit, ${size.size} units`, size.crash.generated.failed),
      crash(`crash to FAILED, trivial body, ${size.size} units`, size.crash.trivial.failed),
    ]),
    crash("a node's death, stack at rest", once.nodeDeath.atRest),
    ...sizes.map(messages),
    ...sizes.map(cpu),
    ...(first === last ? [] : [flat('generated', first, last), flat('trivial', first, last)]),
  ];
}

function start(what: string, samples: StartSamples): Target {
  const ratio = startRatio(samples, 'conductor', 'raw');
  return {
    what,
    wanted: `≤ ${RATIO} × raw D-Bus call plus job`,
    measured: ratioText(ratio),
    met: ratio.value <= RATIO,
  };
}

function crash(what: string, samples: readonly number[]): Target {
  const { p99, n } = summarize(samples);
  return { what, wanted: `p99 < ${CRASH_MS} ms`, measured: `${ms(p99)} ms (N ${n})`, met: p99 < CRASH_MS };
}

function messages({ size, idle }: SizeResults): Target {
  const count = idle.none.messages + idle.active.messages;
  return {
    what: `D-Bus messages while nothing changes, ${size} units`,
    wanted: '0',
    measured: `${count} in ${(idle.none.seconds + idle.active.seconds).toFixed(0)} s`,
    met: count === 0,
  };
}

function cpu({ size, idle }: SizeResults): Target {
  const most = Math.max(idle.none.cpuPercent, idle.active.cpuPercent);
  return {
    what: `idle CPU, ${size} units`,
    wanted: `≤ ${IDLE_PERCENT} % of a core`,
    measured: `${most.toFixed(3)} %`,
    met: most <= IDLE_PERCENT,
  };
}

/** Flat: the conductor's median start in the largest catalog is within 15 % of that in the smallest. */
function flat(kind: 'generated' | 'trivial', first: SizeResults, last: SizeResults): Target {
  const of = (size: SizeResults, contender: Contender): number => median(size[kind].start[contender] ?? []);
  const change = (contender: Contender): string =>
    `${ms(of(first, contender))} → ${ms(of(last, contender))} ms`;
  const [before, after] = [of(first, 'conductor'), of(last, 'conductor')];
  return {
    what: `cost of a start from ${first.size} to ${last.size} units, ${kind}`,
    wanted: `flat: ≤ ${RATIO} ×`,
    measured: `${(after / before).toFixed(2)} × (${change('conductor')}; raw ${change('raw')})`,
    met: after <= RATIO * before,
  };
}
