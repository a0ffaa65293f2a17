import type { UnitManagerEvent, UnitReading } from '@rovi/conductor';
import type { Robot } from '@rovi/testbed';
import { DbusUnitManager, silentLogger } from '@rovi/systemd';

/** A unit manager on a robot, with everything it told. It runs on the host, as root. */
export class Recording implements AsyncDisposable {
  readonly manager: DbusUnitManager;
  readonly events: UnitManagerEvent[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(robot: Robot, busAddress: string) {
    this.manager = new DbusUnitManager({
      logger: silentLogger,
      busAddress,
      cgroupRoot: robot.path('/sys/fs/cgroup'),
    });
  }

  /** A recording that has begun; on another bus than the robot's own if `busAddress` says so. */
  static async of(
    robot: Robot,
    units: readonly string[],
    busAddress: string = robot.systemBusAddress,
  ): Promise<Recording> {
    const recording = new Recording(robot, busAddress);
    await recording.manager.start(units, (event) => recording.#take(event));
    return recording;
  }

  /** The next event from index `from` that matches; fails with all events after the deadline. */
  async event<T extends UnitManagerEvent>(
    matches: (event: UnitManagerEvent) => event is T,
    from = 0,
    deadlineMs = 30_000,
  ): Promise<T> {
    const until = performance.now() + deadlineMs;
    for (;;) {
      const found = this.events.slice(from).find(matches);
      if (found !== undefined) return found;
      const left = until - performance.now();
      if (left <= 0) throw new Error(`not told in time; told: ${JSON.stringify(this.events.slice(from))}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          clearTimeout(timer);
          this.#waiting.delete(wake);
          resolve();
        };
        const timer = setTimeout(wake, left);
        this.#waiting.add(wake);
      });
    }
  }

  /** Waits for a reading of the unit that satisfies all given fields. */
  async reading(unit: string, fields: Partial<UnitReading>, from = 0): Promise<UnitReading> {
    const matches = (event: UnitManagerEvent): event is Extract<UnitManagerEvent, { kind: 'unit' }> =>
      event.kind === 'unit' &&
      event.reading.unit === unit &&
      Object.entries(fields).every(([name, value]) => event.reading[name as keyof UnitReading] === value);
    return (await this.event(matches, from)).reading;
  }

  async kind(kind: UnitManagerEvent['kind'], from = 0): Promise<UnitManagerEvent> {
    return this.event((event): event is UnitManagerEvent => event.kind === kind, from);
  }

  /** Waits until the unit's processes are exactly these, by the last of their names. */
  async processes(unit: string, names: readonly string[], from = 0): Promise<readonly number[]> {
    const wanted = [...names].sort().join();
    const matches = (event: UnitManagerEvent): event is Extract<UnitManagerEvent, { kind: 'processes' }> =>
      event.kind === 'processes' &&
      event.unit === unit &&
      event.processes
        .map(({ names }) => names.at(-1) ?? '?')
        .sort()
        .join() === wanted;
    return (await this.event(matches, from)).processes.map(({ pid }) => pid);
  }

  /** ActiveStates told of the unit, repetitions left out. */
  states(unit: string, from = 0): string[] {
    const states = this.events
      .slice(from)
      .flatMap((event) =>
        event.kind === 'unit' && event.reading.unit === unit ? [event.reading.activeState] : [],
      );
    return states.filter((state, index) => state !== states[index - 1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.manager.stop();
  }

  #take(event: UnitManagerEvent): void {
    this.events.push(event);
    for (const wake of [...this.#waiting]) wake();
  }
}
