import type { FleetRobot } from '@rovi/contract';
import type { RoviClient } from '@rovi/client';
import { monotonicMs } from '../monotonic.js';

/** Milliseconds that anything may take. */
const PATIENCE_MS = 180_000;

/** When so many were there, in milliseconds from a moment. */
export interface Milestones {
  readonly half: number;
  readonly most: number;
  readonly all: number;
}

/** Somebody who follows the fleet by the typed client: the robots as the events have shown them so far. */
export class FleetFollower {
  readonly robots = new Map<string, FleetRobot>();
  /** Events of robots, and of runs, so far. */
  readonly heard = { robots: 0, runs: 0 };
  readonly #heardAt = new Map<string, number>();
  readonly #abort = new AbortController();
  readonly #waiting = new Set<() => void>();
  #fault: Error | null = null;
  #over: Promise<void> = Promise.resolve();

  /** Follows from now on. */
  static follow(client: RoviClient): FleetFollower {
    const follower = new FleetFollower();
    follower.#over = follower.#run(client);
    return follower;
  }

  /** Resolves with the moment of the event with which it holds, by CLOCK_MONOTONIC; at once where it holds already. */
  until(what: string, holds: () => boolean): Promise<number> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (this.#fault !== null) end(() => reject(this.#fault ?? new Error('it has ended')));
        else if (holds()) {
          const at = monotonicMs();
          end(() => resolve(at));
        }
      };
      const end = (finish: () => void): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        finish();
      };
      const timer = setTimeout(
        () => end(() => reject(new Error(`waited ${String(PATIENCE_MS)} ms in vain for ${what}`))),
        PATIENCE_MS,
      );
      this.#waiting.add(look);
      look();
    });
  }

  /** Resolves when so many robots are as wanted, with how long half of them, 99 of 100 and all took since `begin`. */
  async milestones(
    what: string,
    { begin, count, holds }: { begin: number; count: number; holds: (robot: FleetRobot) => boolean },
  ): Promise<Milestones> {
    const reached = (share: number): Promise<number> =>
      this.until(what, () => this.count(holds) >= Math.ceil(count * share));
    const [half, most, all] = await Promise.all([reached(0.5), reached(0.99), reached(1)]);
    return { half: half - begin, most: most - begin, all: all - begin };
  }

  /** When an event last told of it, by CLOCK_MONOTONIC. */
  heardAt(robot: string): number {
    return this.#heardAt.get(robot) ?? Number.NaN;
  }

  count(holds: (robot: FleetRobot) => boolean): number {
    let count = 0;
    for (const robot of this.robots.values()) if (holds(robot)) count += 1;
    return count;
  }

  /** Follows no longer. */
  async end(): Promise<void> {
    this.#abort.abort();
    await this.#over;
  }

  async #run(client: RoviClient): Promise<void> {
    const { signal } = this.#abort;
    try {
      for await (const event of client.fleet.events({ signal, reconnect: true })) {
        const at = monotonicMs();
        this.heard[event.type === 'run' ? 'runs' : 'robots'] += 1;
        if (event.type === 'run') continue;
        if (event.type === 'fleet') this.robots.clear();
        else for (const name of event.removed) this.robots.delete(name);
        const told = event.type === 'fleet' ? event.fleet.robots : event.robots;
        for (const robot of told) {
          this.robots.set(robot.robot, robot);
          this.#heardAt.set(robot.robot, at);
        }
        for (const look of [...this.#waiting]) look();
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#fault = error instanceof Error ? error : new Error(String(error));
      for (const look of [...this.#waiting]) look();
    }
  }
}

/** Whether the robot is shown as online, with a report. */
export function isOnline({ presence, report }: FleetRobot): boolean {
  return presence === 'online' && report !== null;
}
