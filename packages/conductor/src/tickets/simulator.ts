import type { Motion, MotionBase, Scan, Scanner, Travelled } from '../ports/motion.js';
import type { Clock } from '../ports/clock.js';

/** Metres from the middle to each wall of the room that a simulated scan sees. */
const ROOM = 5;
const RAYS = 360;

/** Stands in for the base and the laser in a dry run: it takes as long as the motion would, and moves nothing. */
export class Simulator implements MotionBase, Scanner {
  readonly unavailable = null;
  readonly #clock: Clock;
  readonly #moving = new Set<AbortController>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async move({ x, y, durationMs }: Motion, signal: AbortSignal): Promise<Travelled> {
    const halted = new AbortController();
    this.#moving.add(halted);
    const began = this.#clock.monotonic();
    const ended = AbortSignal.any([signal, halted.signal]);
    try {
      await this.#clock.sleep(durationMs, ended);
    } catch (error) {
      if (!ended.aborted) throw error;
    } finally {
      this.#moving.delete(halted);
    }
    const seconds = Math.min(durationMs, this.#clock.monotonic() - began) / 1000;
    return { distance: Math.hypot(x, y) * seconds, source: 'simulated' };
  }

  halt(): void {
    for (const one of this.#moving) one.abort();
  }

  /** A square room, seen from its middle. */
  scan(): Promise<Scan> {
    const increment = (2 * Math.PI) / RAYS;
    const ranges = Array.from({ length: RAYS }, (_, index) => {
      const angle = -Math.PI + index * increment;
      return ROOM / Math.max(Math.abs(Math.cos(angle)), Math.abs(Math.sin(angle)));
    });
    return Promise.resolve({
      simulated: true,
      frame_id: 'laser',
      angle_min: -Math.PI,
      angle_increment: increment,
      range_min: 0.05,
      range_max: 12,
      ranges,
    });
  }
}
