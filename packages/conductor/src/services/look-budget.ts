import type { Clock } from '../ports/clock.js';

/** Looks that may begin at the same time. */
export const LOOK_PLACES = 16;
/** Milliseconds after which a look that still runs gives its place to the next. */
export const PLACE_MS = 250;

/**
 * Places for looks, handed out first come, first served. A look keeps its place for {@link PLACE_MS} at most, however
 * long it runs: with `n` others it begins at most `floor(n / 16) * 250` ms late, also if all of those hang.
 */
export class LookBudget {
  readonly #clock: Clock;
  #free = LOOK_PLACES;
  readonly #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for a place, then begins the work; resolves or rejects as the work does. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const ended = new AbortController();
    const release = (): void => this.#release();
    void this.#clock.sleep(PLACE_MS, ended.signal).then(release, release);
    try {
      return await work();
    } finally {
      ended.abort();
    }
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
