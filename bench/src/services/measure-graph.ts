import type { Operation } from '@rovi/contract';
import { settle } from '../bench-robot.js';
import { cgroupCpuMs, daemonPlace } from '../daemon-figures.js';
import { monotonicMs } from '../monotonic.js';
import { shuffled } from '../statistics.js';
import { BOTTOM, TOP } from './service-catalog.js';
import { GRAPH_TARGET, GRAPH_UNITS } from './services-bench-robot.js';
import type { ServicesBenchRobot } from './services-bench-robot.js';

/** Who starts and stops the graph, in the order of the tables. */
export const GRAPH_CONTENDERS = {
  rovi: 'Rovi, unix socket, until 200',
  root: '`systemctl` as root',
  user: "`systemctl` as the conductor's account",
} as const;
export type GraphContender = keyof typeof GRAPH_CONTENDERS;

/** Milliseconds, one for each round. */
export interface GraphSamples {
  readonly start: Record<GraphContender, number[]>;
  readonly stop: Record<GraphContender, number[]>;
  /** Of Rovi's starts: how long what had come up was watched at their end, which is in the start's time. */
  readonly watch: number[];
  /** CPU of the gateway from the start until it shows all services up; it observes whoever commands. */
  readonly cpu: Record<GraphContender, number[]>;
  /** Services that a stop of the bottom stops, itself among them. */
  readonly stopped: number;
}

/** Rounds in which every contender, in a new random order each time, starts the graph and stops its bottom. */
export async function measureGraph(bench: ServicesBenchRobot, rounds: number): Promise<GraphSamples> {
  const none = (): Record<GraphContender, number[]> => ({ rovi: [], root: [], user: [] });
  const [start, stop, cpu, watch] = [none(), none(), none(), [] as number[]];
  const place = await daemonPlace(bench.robot);
  let stopped = 0;
  // The first round pays for caches and the compiler's warming; it is not counted.
  for (let round = -1; round < rounds; round += 1) {
    for (const contender of shuffled(Object.keys(GRAPH_CONTENDERS) as GraphContender[])) {
      const cpuBefore = await cgroupCpuMs(bench.robot, place);
      const up = await startBy(bench, contender);
      await bench.until('every service to run', ({ state }) => state === 'RUNNING');
      const cpuMs = (await cgroupCpuMs(bench.robot, place)) - cpuBefore;
      await settle();
      const down = await stopBy(bench, contender);
      stopped = await stoppedNow(bench);
      await bench.stopAll();
      await settle();
      if (round < 0) continue;
      start[contender].push(up.ms);
      stop[contender].push(down);
      cpu[contender].push(cpuMs);
      if (up.operation !== null) watch.push(watchedMs(up.operation));
    }
  }
  return { start, stop, watch, cpu, stopped };
}

async function startBy(
  { client, root, rovi }: ServicesBenchRobot,
  contender: GraphContender,
): Promise<{ readonly ms: number; readonly operation: Operation | null }> {
  if (contender === 'rovi') {
    const begin = monotonicMs();
    const operation = await client.startService(TOP);
    return { ms: monotonicMs() - begin, operation };
  }
  const hand = contender === 'root' ? root : rovi;
  // Nobody but root may start a unit that is not Rovi's; the top one pulls in the same.
  const unit = contender === 'root' ? GRAPH_TARGET : `rovi-${TOP}.service`;
  const { start, end } = await hand.run(['systemctl', '--no-ask-password', 'start', unit]);
  return { ms: end - start, operation: null };
}

async function stopBy(
  { client, root, rovi }: ServicesBenchRobot,
  contender: GraphContender,
): Promise<number> {
  if (contender === 'rovi') {
    const { token } = await client.serviceImpact({ command: 'stop', service: BOTTOM });
    const begin = monotonicMs();
    await client.stopService(BOTTOM, { confirm: token });
    return monotonicMs() - begin;
  }
  const hand = contender === 'root' ? root : rovi;
  const words = ['systemctl', '--no-ask-password', 'stop', `rovi-${BOTTOM}.service`];
  const { start, end } = await hand.run(words);
  return end - start;
}

function watchedMs({ steps }: Operation): number {
  return steps
    .filter(({ text }) => text.startsWith('watch '))
    .reduce((sum, { duration_ms }) => sum + (duration_ms ?? 0), 0);
}

/** How many are down, by systemd's word. */
async function stoppedNow({ root }: ServicesBenchRobot): Promise<number> {
  const words = ['systemctl', 'show', '--value', '--property', 'ActiveState', ...GRAPH_UNITS];
  const { output } = await root.run(words);
  return output.split('\n').filter((line) => line === 'inactive').length;
}
