import type { FleetRobot } from '@rovi/contract';

/** How a robot of a fleet is, in a word, worst first. `unknown`: it is there, and does not know how it is itself. */
export const FLEET_STANDINGS = ['error', 'unknown', 'warn', 'stale', 'offline', 'well'] as const;
export type FleetStanding = (typeof FLEET_STANDINGS)[number];

/** Whether what is shown of a robot in that standing is what was, not what is. */
export function isAway(standing: FleetStanding): boolean {
  return standing === 'stale' || standing === 'offline';
}

/** How the robot is. One that is away is nothing else: what it said last says nothing of now. */
export function standingOf({ presence, report }: Pick<FleetRobot, 'presence' | 'report'>): FleetStanding {
  if (presence !== 'online') return presence;
  if (report === null || report.level === 'stale' || !report.known) return 'unknown';
  if (report.level === 'error') return 'error';
  return report.level === 'warn' || report.estop ? 'warn' : 'well';
}

const byName = new Intl.Collator('en', { numeric: true });

/** Orders robots by their standing, worst first, then by name, `r-2` before `r-10`. */
export function worstFirst(one: FleetRobot, other: FleetRobot): number {
  const rank = (robot: FleetRobot): number => FLEET_STANDINGS.indexOf(standingOf(robot));
  return rank(one) - rank(other) || byName.compare(one.robot, other.robot);
}

/** How many robots there are of each standing. */
export type FleetTally = Readonly<Record<FleetStanding, number>>;

/** Counts robots by their standing. */
export function fleetTally(robots: Iterable<Pick<FleetRobot, 'presence' | 'report'>>): FleetTally {
  const tally = { error: 0, unknown: 0, warn: 0, stale: 0, offline: 0, well: 0 };
  for (const robot of robots) tally[standingOf(robot)] += 1;
  return tally;
}

/** The units of a robot's report that are not as they should be: its services, then its stacks. */
export function notWell({ report }: Pick<FleetRobot, 'report'>): string[] {
  if (report === null) return [];
  return [...report.services, ...report.stacks]
    .filter(({ level }) => level !== 'ok')
    .map(({ name, state }) => `${name} ${state.toLowerCase()}`);
}
