/** Milliseconds between two lines. */
const EVERY_MS = 60_000;

/** What the face logs with: pino's methods. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** Logs what strangers can bring about in masses: at most once a minute, then with the number of those that were not logged. */
export class RareLog {
  readonly #logger: Logger;
  readonly #message: string;
  #last = -Infinity;
  #silent = 0;

  constructor(logger: Logger, message: string) {
    this.#logger = logger;
    this.#message = message;
  }

  report(why: string, now = performance.now()): void {
    if (now - this.#last < EVERY_MS) {
      this.#silent += 1;
      return;
    }
    this.#logger.warn({ why, not_logged: this.#silent }, this.#message);
    this.#last = now;
    this.#silent = 0;
  }
}
