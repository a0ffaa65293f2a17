import type { Robot } from '@rovi/testbed';
import { LineProcess } from './line-process.js';

/** When something began and ended, CLOCK_MONOTONIC in milliseconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The bench's end of raw-rival.ts: systemd's D-Bus API by hand, as one account of the robot. */
export class RawClient {
  readonly #process: LineProcess;

  constructor(robot: Robot, user: string) {
    this.#process = new LineProcess(robot, ['node', '/opt/rovi-src/bench/dist/raw-rival.js'], user);
  }

  /** StartUnit or StopUnit and its job's end, timed inside the rival. */
  command(op: 'start' | 'stop', unit: string): Promise<Span> {
    return this.#process.ask<Span>({ op, unit });
  }

  /** When systemd's signal said that the unit entered this ActiveState, once later than `after`. */
  async seen(unit: string, state: string, after: number): Promise<number> {
    return (await this.#process.ask<{ at: number }>({ op: 'seen', unit, state, after })).at;
  }

  /** Forgets jobs: their paths are to be asked for from now on. */
  async watch(): Promise<void> {
    await this.#process.ask({ op: 'watch' });
  }

  /** When systemd's signal said that this job was over. */
  async jobEnd(job: string): Promise<number> {
    return (await this.#process.ask<{ at: number }>({ op: 'job-end', job })).at;
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}
