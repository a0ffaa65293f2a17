import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '@rovi/conductor';

/** The machine's clocks. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    // Not performance.now(), which counts from the start of this process.
    return Number(process.hrtime.bigint()) / 1e6;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    try {
      await sleep(ms, undefined, signal === undefined ? {} : { signal });
    } catch (error) {
      // timers/promises rejects with its own AbortError; the port promises the signal's reason.
      throw signal?.aborted === true ? signal.reason : error;
    }
  }
}
