import { isAway, standingOf, worstFirst, type FleetStanding } from '@rovi/client';
import type { FleetRobot } from '@rovi/contract';
import type { StateWord } from './state-words.js';

/** Which robots are meant: those named, else all that fit what is said. */
export interface Wanted {
  /** By name; null where they are not named. */
  readonly on: readonly string[] | null;
  /** Of these states; null for any. */
  readonly states: readonly StateWord[] | null;
  /** On which this stack is active, `none` for none; null for any. */
  readonly active: string | null;
  /** Those that are away too, by what they said last. */
  readonly away: boolean;
}

/** The robots that are meant, by name, and those that would be but are away. */
export interface Selection {
  readonly robots: readonly string[];
  /** Not selected for being away: by what they said last they would have been. */
  readonly leftOut: readonly string[];
  /** Named, and never heard of. */
  readonly unknown: readonly string[];
}

/** What is selected. A robot that is away is never, unless it is named, or `stale`, `offline` or those away are asked for. */
export function selectRobots(robots: readonly FleetRobot[], wanted: Wanted): Selection {
  const { on } = wanted;
  if (on !== null) {
    const known = new Set(robots.map(({ robot }) => robot));
    const named = [...new Set(on)];
    return {
      robots: named.filter((name) => known.has(name)),
      leftOut: [],
      unknown: named.filter((name) => !known.has(name)),
    };
  }
  const selected: string[] = [];
  const leftOut: string[] = [];
  for (const robot of [...robots].sort(worstFirst)) {
    const standing = standingOf(robot);
    const asked = wanted.states?.some((word) => word === standing) === true;
    if (!isAway(standing) || asked) {
      if (fits(robot, standing, wanted)) selected.push(robot.robot);
      continue;
    }
    // As it said last: nobody knows whether it still holds.
    if (fits(robot, standingOf({ ...robot, presence: 'online' }), wanted))
      (wanted.away ? selected : leftOut).push(robot.robot);
  }
  return { robots: selected, leftOut, unknown: [] };
}

function fits({ report }: FleetRobot, standing: FleetStanding, { states, active }: Wanted): boolean {
  const inState =
    states === null ||
    states.some((word) =>
      word === 'not-well' ? standing !== 'well' && !isAway(standing) : word === standing,
    );
  if (!inState || active === null) return inState;
  if (report?.known !== true) return false;
  return (report.active ?? 'none') === active;
}
