import type { Robot } from '@rovi/testbed';
import { LineProcess } from '../line-process.js';
import type { EventRecord } from './listeners.js';

/** How events are listened to. */
export type EventProtocol = 'websocket' | 'sse';

/** The bench's end of listeners.ts: many listeners at once, in one process of the robot, as root. */
export class Crowd {
  readonly #process: LineProcess;

  constructor(robot: Robot) {
    this.#process = new LineProcess(robot, ['node', '/opt/rovi-src/bench/dist/http/listeners.js'], 'root');
  }

  /** Connects so many more; resolves with the milliseconds until each had its snapshot. */
  async open(protocol: EventProtocol, count: number, socketPath: string): Promise<number> {
    return (await this.#process.ask<{ ms: number }>({ open: protocol, count, socketPath })).ms;
  }

  /**
   * Resolves when everybody has an event, come later than `after`, that shows the stack so: with it and with all events
   * since the last answer.
   */
  hear(
    stack: string,
    state: string,
    after: number,
  ): Promise<{ reached: EventRecord; records: EventRecord[] }> {
    return this.#process.ask({ hear: { stack, state, after } });
  }

  /** Resolves when everybody has the event of this number. */
  async reach(seq: number): Promise<void> {
    await this.#process.ask({ reach: seq });
  }

  /** Disconnects everybody, and ends the process. */
  async close(): Promise<void> {
    await this.#process.ask({ close: true });
    await this.#process.close();
  }
}
