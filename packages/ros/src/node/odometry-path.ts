import type { Position } from './sensor-messages.js';

/** Milliseconds without a message after which the path is no longer known. */
const STALE_MS = 1_000;

/** The way a base has come since it began to move: the length of the path of its positions. */
export class OdometryPath {
  #last: Position | null = null;
  #lastAt = -Infinity;
  #length = 0;
  #whole = false;

  /** True where it is known where the base is. */
  located(now: number): boolean {
    return now - this.#lastAt <= STALE_MS;
  }

  /** The base begins to move. */
  begin(now: number): void {
    this.#length = 0;
    this.#whole = this.located(now);
  }

  /** The base is here. */
  add(position: Position, now: number): void {
    // What happened in between nobody has seen.
    if (this.#last !== null && !this.located(now)) this.#whole = false;
    if (this.#last !== null) {
      const { x, y, z } = this.#last;
      this.#length += Math.hypot(position.x - x, position.y - y, position.z - z);
    }
    this.#last = position;
    this.#lastAt = now;
  }

  /** Metres since {@link begin}; null where not all of the path was seen. */
  distance(now: number): number | null {
    return this.#whole && this.located(now) ? this.#length : null;
  }
}
