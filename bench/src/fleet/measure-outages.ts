import { setTimeout as delay } from 'node:timers/promises';
import type { FleetRobot } from '@rovi/contract';
import { monotonicMs } from '../monotonic.js';
import type { OutageSamples } from './fleet-results.js';
import type { FleetRig } from './fleet-rig.js';
import { isOnline } from './follower.js';
import type { FleetFollower } from './follower.js';

/** Kills the broker, and starts it again after so long; what it keeps it has written down just before. */
export async function measureOutage(
  { broker, names }: FleetRig,
  follower: FleetFollower,
  { persistence, downMs }: { readonly persistence: boolean; readonly downMs: number },
): Promise<OutageSamples> {
  if (persistence) await broker.save();
  const [killed, wall] = [monotonicMs(), Date.now()];
  await broker.kill();
  const gone = (await follower.until('nobody to be online', () => follower.count(isOnline) === 0)) - killed;
  await delay(downMs - (monotonicMs() - killed));
  await broker.up(persistence);
  const begin = monotonicMs();
  const anew = (robot: FleetRobot): boolean => isOnline(robot) && Date.parse(robot.report?.at ?? '') > wall;
  let early = 0;
  const watch = follower.until('all to be back', () => {
    const [online, reported] = [follower.count(isOnline), follower.count(anew)];
    early = Math.max(early, online - reported);
    return reported === names.length;
  });
  const back = await follower.milestones('all to be back', { begin, count: names.length, holds: anew });
  await watch;
  return { persistence, downMs, gone, back, early };
}

/** The same broker from now on with persistence; resolves when all robots are back. */
export async function startPersistence({ broker, names }: FleetRig, follower: FleetFollower): Promise<void> {
  const wall = Date.now();
  await broker.kill();
  await broker.up(true);
  await follower.until(
    'all to be back',
    () =>
      follower.count((robot) => isOnline(robot) && Date.parse(robot.report?.at ?? '') > wall) ===
      names.length,
  );
}
