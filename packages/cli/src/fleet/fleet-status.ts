import { isAway, standingOf, type RoviClient, type SeenRobot } from '@rovi/client';
import { RoviError, type FleetStatus, type Snapshot } from '@rovi/contract';
import { json } from '../control-codes.js';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.js';
import { problemText } from '../failure.js';
import { endWith, type VerbContext } from '../verb.js';
import { brokerText, fleetText } from '../views/fleet.js';
import { robotReportText } from '../views/fleet-robot.js';
import { statusText } from '../views/status.js';
import { fleetExit, robotsNamed, seenNow } from './now.js';

/** Prints the fleet, or these robots of it. Exits with 0 where all of them are there and well. */
export async function showFleet(
  context: VerbContext,
  names: readonly string[],
  asJson: boolean,
): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const status = await client.fleet.status();
  const all = seenNow(status);
  const robots = names.length === 0 ? all : robotsNamed(all, names);
  const [only] = robots;
  if (names.length > 0 && robots.length === 1 && only !== undefined) {
    endWith(await showRobot(context, { client, status, robot: only, asJson }));
    return;
  }
  endWith(fleetExit(status.broker, robots));
  if (asJson) {
    const named = new Set(robots.map(({ robot }) => robot));
    terminal.out(json({ ...status, robots: status.robots.filter(({ robot }) => named.has(robot)) }));
    return;
  }
  terminal.out(
    fleetText({
      broker: status.broker,
      robots,
      now: performance.now(),
      time: Date.now(),
      colour: terminal.colour,
      width: terminal.width(),
    }),
  );
}

interface Drill {
  readonly client: RoviClient;
  readonly status: FleetStatus;
  readonly robot: SeenRobot;
  readonly asJson: boolean;
}

/** One robot as it says now; where it does not answer its last report, marked as that. */
async function showRobot(
  { terminal }: VerbContext,
  { client, status, robot, asJson }: Drill,
): Promise<ExitCode> {
  let snapshot: Snapshot | null = null;
  let problem: RoviError | null = null;
  try {
    snapshot = await client.fleet.look(robot.robot);
  } catch (error) {
    problem = RoviError.from(error);
  }
  const { presence, reason, seen_s, report } = robot;
  const told = { robot: robot.robot, presence, reason, seen_s, report };
  if (asJson) terminal.out(json({ ...told, snapshot, problem: problem?.toProblem() ?? null }));
  else {
    const { colour } = terminal;
    const [now, time] = [performance.now(), Date.now()];
    terminal.out(brokerText({ broker: status.broker, now, time, colour }));
    if (problem !== null) terminal.err(problemText(problem.toProblem(), time, terminal.errColour));
    terminal.out(robotReportText(robot, { now, colour, answered: snapshot !== null }));
    if (snapshot !== null) {
      terminal.out(
        statusText({
          snapshot,
          source: 'gateway',
          // The robot's clock need not be right: its ages are counted on it alone.
          now: Date.parse(snapshot.at),
          colour,
          width: terminal.width(),
          figures: null,
          operation: snapshot.operation,
          user: null,
          lostAt: null,
          host: null,
        }),
      );
    }
  }
  if (!status.broker.connected) return EXIT.unreachable;
  // A console without a key can look at reports only: these say of themselves how old they are.
  if (problem !== null && problem.code !== 'fleet-off') return exitCodeOf(problem.code);
  const standing = standingOf(robot);
  return isAway(standing) ? EXIT.unreachable : standing === 'well' ? EXIT.ok : EXIT.partly;
}
