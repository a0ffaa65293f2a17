/** So much in a stretch of time, and no more. */
export class Quota {
  readonly #most: number;
  readonly #stretchMs: number;
  #stretch = 0;
  #count = 0;

  constructor(most: number, stretchMs: number) {
    this.#most = most;
    this.#stretchMs = stretchMs;
  }

  /** Counts one more; false where that is too many. */
  admits(now = performance.now()): boolean {
    const stretch = Math.floor(now / this.#stretchMs);
    if (stretch !== this.#stretch) this.#count = 0;
    this.#stretch = stretch;
    this.#count += 1;
    return this.#count <= this.#most;
  }
}
