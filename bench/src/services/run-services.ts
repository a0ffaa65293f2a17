import { busyPercent, machineFacts } from '../machine.js';
import { monotonicMs } from '../monotonic.js';
import type { Progress } from '../run.js';
import { measureGraph } from './measure-graph.js';
import { measureProbes } from './measure-probes.js';
import { ServicesBenchRobot } from './services-bench-robot.js';
import type { ServicesPlan } from './services-plan.js';
import type { ServicesResults } from './services-results.js';

/** Measures the services: the graph on one robot, their health checks on another. */
export async function runServices(
  plan: ServicesPlan,
  command: string,
  progress: Progress,
): Promise<ServicesResults> {
  const begin = monotonicMs();
  const busyBefore = await busyPercent();
  const tell = (text: string): void => progress(`services: ${text}`);
  const plain = await onRobot(false, tell, async (bench) => {
    tell('idle, without health checks');
    const unprobed = await measureProbes(bench, plan.idleSeconds);
    await bench.stopAll();
    tell('start and stop of the graph');
    return { unprobed, graph: await measureGraph(bench, plan.rounds) };
  });
  const probed = await onRobot(true, tell, (bench) => {
    tell('idle, with health checks');
    return measureProbes(bench, plan.idleSeconds);
  });
  return {
    date: new Date().toISOString().slice(0, 10),
    command,
    minutes: (monotonicMs() - begin) / 60_000,
    machine: await machineFacts([busyBefore, await busyPercent()]),
    plan,
    graph: plain.graph,
    idle: { probed, unprobed: plain.unprobed },
  };
}

async function onRobot<T>(
  checked: boolean,
  progress: Progress,
  work: (bench: ServicesBenchRobot) => Promise<T>,
): Promise<T> {
  progress('boot and install');
  const bench = await ServicesBenchRobot.boot(checked);
  try {
    return await work(bench);
  } catch (error) {
    progress(`failed; the robot's last lines:\n${await bench.robot.journal(['-n', '40']).catch(String)}`);
    throw error;
  } finally {
    await bench.shutdown();
  }
}
