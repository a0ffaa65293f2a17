import { setTimeout as delay } from 'node:timers/promises';
import { shuffled } from '../statistics.js';
import type { FleetRig } from './fleet-rig.js';
import type { FleetFollower } from './follower.js';
import { CHANGING } from './simulated-robot.js';

/** Milliseconds of pause at most, so that the console is met at any moment of its gathering. */
const PAUSE_MS = 250;

/**
 * Changes one robot after the other, each after so many quick changes of its own just `before`; resolves with the
 * milliseconds from each last change until a follower had it.
 */
export async function measureChanges(
  { names, crowd }: FleetRig,
  follower: FleetFollower,
  { count, before }: { readonly count: number; readonly before: number },
): Promise<number[]> {
  const took: number[] = [];
  let order: string[] = [];
  while (took.length < count) {
    if (order.length === 0) order = shuffled(names);
    const robot = order.pop() ?? '';
    await delay(Math.random() * PAUSE_MS);
    const state = (): string | undefined =>
      follower.robots.get(robot)?.report?.stacks.find(({ name }) => name === CHANGING)?.state;
    const runs = state() !== 'RUNNING';
    const { at, wall } = await crowd.change(robot, runs, before);
    await follower.until(`the change of ${robot}`, () => {
      const report = follower.robots.get(robot)?.report;
      return state() === (runs ? 'RUNNING' : 'STOPPED') && Date.parse(report?.at ?? '') >= wall;
    });
    took.push(follower.heardAt(robot) - at);
  }
  return took;
}
