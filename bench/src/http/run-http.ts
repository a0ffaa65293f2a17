import { busyPercent, machineFacts } from '../machine.js';
import { monotonicMs } from '../monotonic.js';
import type { Progress } from '../run.js';
import { HttpBenchRobot } from './http-bench-robot.js';
import type { HttpPlan } from './http-plan.js';
import type { HttpOnceResults, HttpResults, HttpSizeResults } from './http-results.js';
import { measureCommands } from './measure-commands.js';
import { measureDay } from './measure-day.js';
import { measureEvents } from './measure-events.js';
import type { EventFigures } from './measure-events.js';
import { measureStatus } from './measure-status.js';

/** Measures the HTTP face, one robot after the other. */
export async function runHttp(plan: HttpPlan, command: string, progress: Progress): Promise<HttpResults> {
  const begin = monotonicMs();
  const busyBefore = await busyPercent();
  const [smallest, ...larger] = plan.sizes;
  if (smallest === undefined) throw new Error('no size of catalog to measure');
  const tell = (size: number) => (text: string) => progress(`HTTP, ${size} stacks: ${text}`);
  const first = await onRobot(smallest, tell(smallest), async (bench) => {
    // What is measured once goes first: the gateway's memory before anybody listens must not be that after the load.
    const once = await runOnce(bench, plan, tell(smallest));
    return { once, size: await runSize(bench, plan, tell(smallest)), supervisor: bench.supervisor.version };
  });
  const sizes = [first.size];
  for (const size of larger)
    sizes.push(await onRobot(size, tell(size), (bench) => runSize(bench, plan, tell(size))));
  return {
    date: new Date().toISOString().slice(0, 10),
    command,
    minutes: (monotonicMs() - begin) / 60_000,
    machine: await machineFacts([busyBefore, await busyPercent()]),
    supervisor: first.supervisor,
    plan,
    sizes,
    once: first.once,
  };
}

async function onRobot<T>(
  size: number,
  progress: Progress,
  work: (bench: HttpBenchRobot) => Promise<T>,
): Promise<T> {
  progress('boot and install');
  const bench = await HttpBenchRobot.boot(size);
  try {
    return await work(bench);
  } catch (error) {
    progress(`failed; the robot's last lines:\n${await bench.robot.journal(['-n', '40']).catch(String)}`);
    throw error;
  } finally {
    await bench.shutdown();
  }
}

async function runSize(bench: HttpBenchRobot, plan: HttpPlan, progress: Progress): Promise<HttpSizeResults> {
  progress(`status, by ${plan.load.connections.join(', ')} connections`);
  return { size: bench.size, status: await measureStatus(bench, plan.load) };
}

async function runOnce(bench: HttpBenchRobot, plan: HttpPlan, progress: Progress): Promise<HttpOnceResults> {
  const events: EventFigures[] = [];
  for (const subscribers of plan.events.subscribers) {
    for (const protocol of ['websocket', 'sse'] as const) {
      progress(`events, ${subscribers} by ${protocol}`);
      events.push(await measureEvents(bench, protocol, subscribers, plan.events));
    }
  }
  progress('start and stop, trivial body');
  const trivial = await measureCommands(bench, 'trivial', plan.rounds.trivial);
  progress('start and stop, generated unit');
  const generated = await measureCommands(bench, 'generated', plan.rounds.generated);
  progress(`${plan.hours} simulated hours`);
  return { trivial, generated, events, day: await measureDay(bench, plan.hours, progress) };
}
