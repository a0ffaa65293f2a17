import { LineProcess } from '../line-process.js';
import { monotonicMs } from '../monotonic.js';
import { shuffled } from '../statistics.js';
import { setTimeout as delay } from 'node:timers/promises';
import { MEASURED } from './ros-bench-robot.js';
import type { RosBenchRobot } from './ros-bench-robot.js';

/** Milliseconds from a request to its answer, one entry a call. */
export interface CallSamples {
  /** `/rovi/get_state` by rclpy, and `GET /api/state` by the typed client. */
  readonly getState: { readonly ros: number[]; readonly http: number[] };
  /** The stop of a running stack until it is proven gone; `systemctl stop` proves nothing. */
  readonly stop: { readonly ros: number[]; readonly http: number[]; readonly systemctl: number[] };
}

/** Calls services from a process of the graph (programs/ros_caller.py), in random order with the same by other ways. */
export async function measureCalls(
  bench: RosBenchRobot,
  counts: { readonly getState: number; readonly stop: number },
): Promise<CallSamples> {
  const samples: CallSamples = {
    getState: { ros: [], http: [] },
    stop: { ros: [], http: [], systemctl: [] },
  };
  const { client, hand } = bench;
  const caller = new LineProcess(bench.robot, bench.program('ros_caller.py'), 'rovi');
  const ros = async (service: string): Promise<number> => {
    const { start, end } = await caller.ask<{ start: number; end: number }>({ call: service });
    return end - start;
  };
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const begin = monotonicMs();
    await work();
    return monotonicMs() - begin;
  };
  const stops = {
    ros: () => ros(`/rovi/stacks/${MEASURED}/stop`),
    http: () => timed(() => client.stop(MEASURED)),
    systemctl: async () => {
      const { start, end } = await hand.run(['systemctl', 'stop', bench.unit]);
      return end - start;
    },
  };
  try {
    await caller.ask({ wait: '/rovi/get_state' });
    await caller.ask({ wait: `/rovi/stacks/${MEASURED}/stop` });
    for (let call = -5; call < counts.getState; call += 1) {
      const pair = { ros: await ros('/rovi/get_state'), http: await timed(() => client.state()) };
      await delay(Math.random() * 10);
      if (call < 0) continue;
      samples.getState.ros.push(pair.ros);
      samples.getState.http.push(pair.http);
    }
    for (let call = -1; call < counts.stop; call += 1) {
      for (const way of shuffled(['ros', 'http', 'systemctl'] as const)) {
        await client.start(MEASURED);
        await delay(30 + Math.random() * 20);
        const ms = await stops[way]();
        await bench.robot.waitFor('the stack to be seen stopped', async () => {
          const { stack } = await client.stack(MEASURED);
          return stack.state === 'STOPPED';
        });
        if (call >= 0) samples.stop[way].push(ms);
      }
    }
  } finally {
    await caller.close();
  }
  return samples;
}
