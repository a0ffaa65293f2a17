import type { Clock } from '../ports/clock.js';

/** One thing to be done later, on the monotonic clock: set anew or cleared, it is never done for what was set before. */
export class Alarm {
  readonly #clock: Clock;
  #set: AbortController | null = null;
  #due: number | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds until it rings; null while it is not set. */
  get left(): number | null {
    return this.#due === null ? null : Math.max(0, this.#due - this.#clock.monotonic());
  }

  set(ms: number, ring: () => void): void {
    this.clear();
    const set = new AbortController();
    this.#set = set;
    this.#due = this.#clock.monotonic() + ms;
    this.#clock.sleep(ms, set.signal).then(
      () => {
        if (this.#set !== set) return;
        this.#set = null;
        this.#due = null;
        ring();
      },
      () => undefined,
    );
  }

  clear(): void {
    this.#set?.abort();
    this.#set = null;
    this.#due = null;
  }
}
