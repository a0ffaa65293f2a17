import type { Logger } from './logger.js';

/** Milliseconds between two lines about faults. */
const EVERY_MS = 60_000;

/** Logs what may come in masses: at most once a minute, then with the number of those that were not logged. */
export class FaultLog {
  readonly #logger: Logger;
  readonly #message: string;
  #last = -Infinity;
  #silent = 0;

  constructor(logger: Logger, message: string) {
    this.#logger = logger;
    this.#message = message;
  }

  report(err: unknown, now = performance.now()): void {
    if (now - this.#last < EVERY_MS) {
      this.#silent += 1;
      return;
    }
    this.#logger.warn({ err, not_logged: this.#silent }, this.#message);
    this.#last = now;
    this.#silent = 0;
  }
}
