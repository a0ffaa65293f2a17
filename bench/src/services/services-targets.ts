import { estimate, median } from '../statistics.js';
import type { Estimate } from '../statistics.js';
import { ms } from '../table.js';
import { ratioText } from '../targets.js';
import type { Target } from '../targets.js';
import type { GraphContender, GraphSamples } from './measure-graph.js';
import type { ServicesResults } from './services-results.js';

const RATIO = 1.5;
const IDLE_PERCENT = 1;
const MEMORY_MIB = 16;

/** Our own targets: the graph beside `systemctl`, and what health checks cost at idle. */
export function servicesTargets({ graph, idle }: ServicesResults): Target[] {
  const unwatched = { ...graph.start, rovi: unwatchedStarts(graph) };
  const { probed, unprobed } = idle;
  const cpu = probed.cpuPercent - unprobed.cpuPercent;
  const memory = probed.pssMiB - unprobed.pssMiB;
  return [
    ratio('start of the graph, without the watch at its end, beside `systemctl` as root', unwatched, 'root'),
    ratio('the same, as the same account', unwatched, 'user'),
    ratio('stop of the bottom, beside `systemctl` as root', graph.stop, 'root'),
    ratio('the same, as the same account', graph.stop, 'user'),
    {
      what: `CPU for ${probed.checks} health checks`,
      wanted: `< ${IDLE_PERCENT} % of a core`,
      measured: `${cpu.toFixed(2)} %`,
      met: cpu < IDLE_PERCENT,
    },
    {
      what: `memory for ${probed.checks} health checks`,
      wanted: `< ${MEMORY_MIB} MiB`,
      measured: `${memory.toFixed(1)} MiB`,
      met: memory < MEMORY_MIB,
    },
  ];
}

/** Rovi's starts without the time in which what had come up was only watched. */
export function unwatchedStarts({ start, watch }: GraphSamples): number[] {
  return start.rovi.map((whole, round) => whole - (watch[round] ?? 0));
}

/** How Rovi's median compares with another's. */
export function graphRatio(
  samples: Readonly<Record<GraphContender, readonly number[]>>,
  other: GraphContender,
): Estimate {
  return estimate([samples.rovi, samples[other]], (ours, theirs) => ours / theirs);
}

function ratio(
  what: string,
  samples: Readonly<Record<GraphContender, readonly number[]>>,
  other: GraphContender,
): Target {
  const compared = graphRatio(samples, other);
  return {
    what,
    wanted: `≤ ${RATIO} ×`,
    measured: `${ratioText(compared)}: ${ms(median(samples.rovi))} ms, ${ms(median(samples[other]))} ms`,
    met: compared.value <= RATIO,
  };
}
