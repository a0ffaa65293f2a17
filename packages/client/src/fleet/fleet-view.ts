import type { FleetEvent, FleetRobot, FleetRun, FleetStatus } from '@rovi/contract';

/** A robot, and when it was so: `seen_s` held at `heardAt`, in milliseconds of the reader's own clock. */
export interface SeenRobot extends FleetRobot {
  readonly heardAt: number;
}

/** The fleet as a gateway has told it. Nothing in it is a reader's own conclusion. */
export interface FleetView {
  readonly broker: FleetStatus['broker'];
  readonly key: FleetStatus['key'];
  readonly robots: ReadonlyMap<string, SeenRobot>;
  /** Newest first. */
  readonly runs: readonly FleetRun[];
}

/** The fleet after one more event, heard at that moment; null before the first `fleet`. */
export function fleetAfter(view: FleetView | null, event: FleetEvent, heardAt: number): FleetView | null {
  if (event.type === 'fleet') {
    const { broker, key, robots } = event.fleet;
    return {
      broker,
      key,
      robots: new Map(robots.map((robot) => [robot.robot, { ...robot, heardAt }])),
      runs: [...event.runs].sort(newestFirst),
    };
  }
  if (view === null) return null;
  if (event.type === 'run') {
    const others = view.runs.filter(({ id }) => id !== event.run.id);
    return { ...view, runs: [event.run, ...others].sort(newestFirst) };
  }
  const robots = new Map(view.robots);
  for (const name of event.removed) robots.delete(name);
  for (const robot of event.robots) robots.set(robot.robot, { ...robot, heardAt });
  return { ...view, robots };
}

/** Milliseconds since the robot's last word, at that moment of the reader's clock; null where it is not known. */
export function robotAge({ seen_s: seen, heardAt }: SeenRobot, now: number): number | null {
  return seen === null ? null : seen * 1_000 + Math.max(0, now - heardAt);
}

function newestFirst(one: FleetRun, other: FleetRun): number {
  return one.started_at < other.started_at ? 1 : one.started_at > other.started_at ? -1 : 0;
}
