import type { CallOptions } from '@rovi/conductor';
import { BusFailure } from './bus-failure.js';

/** The end of one call's patience: its deadline or its caller's signal, whichever comes first. */
export class Deadline {
  /** Aborts with a BusFailure of kind `timeout`, or with the caller's own reason. */
  readonly signal: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #until: number;
  readonly #over: Promise<never>;
  readonly #forget: () => void;

  constructor({ deadlineMs, signal }: CallOptions) {
    const abort = new AbortController();
    this.signal = abort.signal;
    this.#until = performance.now() + deadlineMs;
    this.#timer = setTimeout(
      () => abort.abort(new BusFailure('timeout', `not finished within ${Math.round(deadlineMs)} ms`)),
      deadlineMs,
    );
    const forward = (): void => abort.abort(signal?.reason);
    if (signal?.aborted === true) forward();
    signal?.addEventListener('abort', forward, { once: true });
    this.#forget = () => signal?.removeEventListener('abort', forward);
    this.#over = new Promise((_, reject) => {
      const give = (): void => reject(abort.signal.reason as Error);
      if (abort.signal.aborted) give();
      else abort.signal.addEventListener('abort', give, { once: true });
    });
    this.#over.catch(() => undefined);
  }

  /** Milliseconds left, at least one. */
  get leftMs(): number {
    return Math.max(1, this.#until - performance.now());
  }

  /** The promise, unless patience ends first. */
  race<T>(promise: Promise<T>): Promise<T> {
    return Promise.race([promise, this.#over]);
  }

  /** Lets go of timer and signal; to be called whatever happened. */
  end(): void {
    clearTimeout(this.#timer);
    this.#forget();
  }
}
