import { monotonicMs } from '../monotonic.js';
import type { FleetPlan } from './fleet-plan.js';
import type { FleetSizeResults } from './fleet-results.js';
import type { FleetRig } from './fleet-rig.js';
import { isOnline } from './follower.js';

/** How long somebody new takes to have all robots: a plain subscriber, and a console that is started anew. */
export async function measureArrivals(
  rig: FleetRig,
  { arrivals }: FleetPlan,
): Promise<FleetSizeResults['arrivals']> {
  const plain: { ms: number; had: number }[] = [];
  const consoles: { ms: number; listeningMs: number }[] = [];
  const count = rig.names.length;
  for (let round = 0; round < arrivals; round += 1) {
    const asked = monotonicMs();
    const had = await rig.broker.subscribeStates(count);
    plain.push({ ms: monotonicMs() - asked, had });
    await rig.endConsole();
    const begin = monotonicMs();
    await rig.startConsole();
    const listens = monotonicMs();
    const follower = rig.follow();
    const all = await follower.until('a new console to show all', () => follower.count(isOnline) === count);
    await follower.end();
    consoles.push({ ms: all - begin, listeningMs: all - listens });
  }
  return { plain, console: consoles };
}
