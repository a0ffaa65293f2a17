import { FleetChild } from './fleet-child.js';
import type { RobotsOrder } from './robots.js';

/** Where robots connect, and whose commands they take. */
export interface CrowdPlace {
  readonly broker: string;
  readonly passwordFile: string;
  readonly keyFile: string;
  readonly heartbeatS: number;
}

/** By CLOCK_MONOTONIC, and by the time of day; both in milliseconds. */
export interface ChangeMoment {
  readonly at: number;
  readonly wall: number;
}

/** The bench's end of robots.ts: all robots of a fleet, spread over some processes. */
export class Crowd {
  readonly names: readonly string[];
  readonly #children: readonly FleetChild[];

  constructor(names: readonly string[], processes: number) {
    this.names = names;
    this.#children = Array.from({ length: processes }, () => new FleetChild('./robots.js'));
  }

  get pids(): number[] {
    return this.#children.map(({ pid }) => pid);
  }

  /** Lets every robot begin to connect. */
  async start(place: CrowdPlace): Promise<void> {
    // Their programs are loaded before: what is waited for is the robots.
    await this.took();
    await Promise.all(
      this.#children.map((child, index) =>
        this.#ask(child, {
          kind: 'start',
          ...place,
          names: this.names.filter((_, at) => this.#at(at) === index),
        }),
      ),
    );
  }

  /** Changes a robot's stack, and another so many times just `before`; resolves with the moment of the last change. */
  change(robot: string, runs: boolean, before: number): Promise<ChangeMoment> {
    const child = this.#children[this.#at(this.names.indexOf(robot))];
    if (child === undefined) throw new Error(`there is no robot ${robot}`);
    return this.#ask<ChangeMoment>(child, { kind: 'change', robot, runs, before });
  }

  /** Milliseconds of each command since the last call: from when a robot is asked to its operation's end. */
  async took(): Promise<number[]> {
    const all = this.#children.map((child) => this.#ask<{ ms: number[] }>(child, { kind: 'took' }));
    return (await Promise.all(all)).flatMap(({ ms }) => ms);
  }

  /** Kills all robots. */
  async end(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.end()));
  }

  #at(robot: number): number {
    return robot % this.#children.length;
  }

  #ask<T>(child: FleetChild, order: RobotsOrder): Promise<T> {
    return child.ask<T>(order);
  }
}
