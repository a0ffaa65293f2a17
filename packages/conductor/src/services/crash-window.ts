import type { Clock } from '../ports/clock.js';

/**
 * The starts of one unit within the window of its start limit. Kept by the monotonic clock, so that a wall clock that
 * jumps neither empties nor fills it; told as moments, for it outlives the gateway.
 */
export class CrashWindow {
  readonly #clock: Clock;
  #starts: number[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes over what {@link moments} told once. A moment that is still to come is one of a clock that jumped: it counts as now. */
  restore(moments: readonly string[]): void {
    const now = this.#clock.monotonic();
    this.#starts = moments.map((at) => now - Math.max(0, this.#clock.now() - Date.parse(at)));
  }

  add(): void {
    this.#starts.push(this.#clock.monotonic());
  }

  clear(): void {
    this.#starts = [];
  }

  /** Starts within the last so many seconds; older ones are forgotten. */
  count(seconds: number): number {
    const since = this.#clock.monotonic() - seconds * 1000;
    this.#starts = this.#starts.filter((at) => at > since);
    return this.#starts.length;
  }

  /** RFC 3339, oldest first. */
  get moments(): string[] {
    const offset = this.#clock.now() - this.#clock.monotonic();
    return this.#starts.map((at) => new Date(at + offset).toISOString());
  }
}
