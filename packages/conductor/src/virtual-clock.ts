import type { Clock } from './ports/clock.js';

/** Virtual time: `advance` runs what is due, in order. */
export class VirtualClock implements Clock {
  #now = 0;
  #wall = 1_700_000_000_000;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#wall + this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  /** Somebody, or NTP, sets the wall clock: this many milliseconds forward, or back. */
  jump(ms: number): void {
    this.#wall += ms;
  }

  at(delay: number, run: () => void): void {
    this.#timers.push({ at: this.#now + delay, run });
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      const abort = (): void => reject(signal?.reason as Error);
      signal?.addEventListener('abort', abort, { once: true });
      this.at(ms, () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      });
    });
  }

  /** Lets `ms` pass, giving promises their turn after every timer. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.splice(this.#timers.indexOf(next), 1);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
    await settle();
  }
}

/** Lets every promise that can go on do so. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await Promise.resolve();
}
