import type { FleetView, SeenRobot } from '@rovi/client';
import type { FleetStatus } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { fleetTally } from '@rovi/client';

/** The robots of an answer that has just come. */
export function seenNow(status: FleetStatus): SeenRobot[] {
  const heardAt = performance.now();
  return status.robots.map((robot) => ({ ...robot, heardAt }));
}

/** What a look at these robots exits with: 0 where all are there and well, 5 where nothing is known of now, else 8. */
export function fleetExit(broker: FleetView['broker'], robots: readonly SeenRobot[]): ExitCode {
  if (!broker.connected) return EXIT.unreachable;
  return fleetTally(robots).well === robots.length ? EXIT.ok : EXIT.partly;
}

/** The robots of these names, in that order. Throws `robot-unknown` where one was never heard of. */
export function robotsNamed(robots: readonly SeenRobot[], names: readonly string[]): SeenRobot[] {
  const known = new Map(robots.map((robot) => [robot.robot, robot]));
  return [...new Set(names)].map((name) => known.get(name) ?? raise(unknownRobots([name])));
}

/** For names that the gateway has never heard of. */
export function unknownRobots(names: readonly string[]): RoviError {
  return new RoviError(
    'robot-unknown',
    `the fleet's broker has never told of ${names.join(', ')}; nothing was done`,
    { mend: '`rovictl fleet status` lists the robots.' },
  );
}

function raise(error: Error): never {
  throw error;
}
