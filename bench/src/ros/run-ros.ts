import { busyPercent, machineFacts } from '../machine.js';
import { monotonicMs } from '../monotonic.js';
import type { Progress } from '../run.js';
import { measureCalls } from './measure-calls.js';
import { measureDelivery } from './measure-delivery.js';
import { measureRosIdle } from './measure-ros-idle.js';
import { Poller } from './poller.js';
import { MEASURED, RosBenchRobot } from './ros-bench-robot.js';
import type { RosPlan } from './ros-plan.js';
import type { RosResults, RosSizeResults } from './ros-results.js';

/** Milliseconds at random between two changes, where nothing else keeps a rate that they could fall into step with. */
const REST_MS = 20;

/** Measures the ROS face, one robot after the other. */
export async function runRos(plan: RosPlan, command: string, progress: Progress): Promise<RosResults> {
  const begin = monotonicMs();
  const busyBefore = await busyPercent();
  const sizes: RosSizeResults[] = [];
  let graph: Readonly<Record<string, string>> = {};
  for (const size of plan.sizes) {
    const measured = await runSize(size, plan, (text) => progress(`ROS, ${size} stacks: ${text}`));
    sizes.push(measured.results);
    graph = measured.graph;
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    command,
    minutes: (monotonicMs() - begin) / 60_000,
    machine: await machineFacts([busyBefore, await busyPercent()]),
    graph,
    plan,
    sizes,
  };
}

async function runSize(
  size: number,
  plan: RosPlan,
  progress: Progress,
): Promise<{ results: RosSizeResults; graph: Readonly<Record<string, string>> }> {
  progress('boot and install');
  const bench = await RosBenchRobot.boot(size);
  try {
    const { face, topics, services } = await bench.face('on');
    const { unit, snapshot, diagnostics } = plan.rounds;
    const hear = (...[kind, topic, rounds]: ['unit' | 'snapshot' | 'diagnostics', string, number]) => {
      progress(`changes to ${topic}`);
      return measureDelivery(bench, kind, topic, rounds, REST_MS);
    };
    const delivery = {
      unit: await hear('unit', `/rovi/units/${MEASURED}/state`, unit),
      snapshot: await hear('snapshot', '/rovi/state', snapshot),
      diagnostics: await hear('diagnostics', '/diagnostics', diagnostics),
    };
    const rivals: RosSizeResults['rivals'][number][] = [];
    const against = size <= plan.rivalSize ? plan.rivals : [];
    for (const { hertz, rounds } of against) {
      progress(`changes to the rival that polls at ${hertz} Hz`);
      const poller = await Poller.start(bench, hertz);
      rivals.push({
        hertz,
        delivery: await measureDelivery(bench, 'unit', Poller.topic(MEASURED), rounds, 1000 / hertz),
      });
      await poller.stop();
    }
    progress('service calls');
    const calls = await measureCalls(bench, plan.calls);
    progress('idle');
    const idle = await measureRosIdle(
      bench,
      plan.idleSeconds,
      against.map(({ hertz }) => hertz),
    );
    const results = { size, topics: topics.length, services: services.length, delivery, rivals, calls, idle };
    return { results, graph: face.detail };
  } catch (error) {
    progress(`failed; the robot's last lines:\n${await bench.robot.journal(['-n', '40']).catch(String)}`);
    throw error;
  } finally {
    await bench.shutdown();
  }
}
