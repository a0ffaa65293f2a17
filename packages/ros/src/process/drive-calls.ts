import type { RosDriveEnd } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { DriveOrder, HaltOrder } from '../ros-transport.js';
import type { ToProcess } from './protocol.js';
import { KEEP_MS, LOST_MS, monotonicMs } from './protocol.js';

/** Milliseconds of the gateway's own silence after which it may not blame the process for its own. */
const STALL_MS = 3 * KEEP_MS;

interface Drive {
  readonly order: DriveOrder;
  readonly finish: (outcome: RosDriveEnd | RoviError) => void;
  heardAt: number;
}

/** The gateway's end of the drives: keeps them alive while it lives, and knows when the other end does not. */
export class DriveCalls {
  readonly #send: (message: ToProcess) => boolean;
  readonly #drives = new Map<number, Drive>();
  #id = 0;
  /** Halts that nobody could be told of, by topic. */
  readonly #owed = new Map<string, HaltOrder>();

  /** `send` returns false where nobody can be told. */
  constructor(send: (message: ToProcess) => boolean) {
    this.#send = send;
  }

  /** As {@link MotionTransport.drive}. */
  drive(order: DriveOrder, signal: AbortSignal): Promise<RosDriveEnd> {
    if (signal.aborted) {
      return Promise.resolve({ ended: 'halted', text: 'it did not begin', distance: null, measured: false });
    }
    this.#id += 1;
    const id = this.#id;
    return new Promise((resolve, reject) => {
      let tickedAt = performance.now();
      const tick = (): void => {
        const now = performance.now();
        // What the process said meanwhile may not have been read yet.
        if (now - tickedAt > STALL_MS) drive.heardAt = now;
        tickedAt = now;
        if (now - drive.heardAt > LOST_MS) {
          this.halt(order);
          // It may hear of nothing any more: the next one is told again.
          this.#owed.set(order.topic, order);
          return drive.finish(lost(`the ROS process has said nothing for ${LOST_MS / 1000} s`));
        }
        this.#send({ type: 'keep', id, at: monotonicMs() });
      };
      const abort = (): void => this.halt(order);
      const timer = setInterval(tick, KEEP_MS);
      const drive: Drive = {
        order,
        heardAt: tickedAt,
        finish: (outcome) => {
          clearInterval(timer);
          signal.removeEventListener('abort', abort);
          this.#drives.delete(id);
          if (outcome instanceof RoviError) reject(outcome);
          else resolve(outcome);
        },
      };
      this.#drives.set(id, drive);
      signal.addEventListener('abort', abort, { once: true });
      if (this.#send({ type: 'drive', id, at: monotonicMs(), order })) return;
      drive.finish(new RoviError('motion-unavailable', 'the ROS process takes no orders'));
    });
  }

  /** As {@link MotionTransport.halt}. */
  halt({ topic, message, frame_id, rate }: HaltOrder): void {
    const order = { topic, message, frame_id, rate };
    if (!this.#send({ type: 'halt', order })) this.#owed.set(topic, order);
  }

  /** The process goes on with this drive. */
  kept(id: number): void {
    const drive = this.#drives.get(id);
    if (drive !== undefined) drive.heardAt = performance.now();
  }

  /** That drive is over. */
  drove(id: number, end: RosDriveEnd): void {
    this.#drives.get(id)?.finish(end);
  }

  /** Another process is there, and begins with what its forerunner may not have done. */
  renewed(): void {
    const owed = [...this.#owed.values()];
    this.#owed.clear();
    for (const order of owed) this.halt(order);
  }

  /** The process is gone, and with it all that it was told. */
  gone(text: string): void {
    for (const { order, finish } of [...this.#drives.values()]) {
      this.#owed.set(order.topic, order);
      finish(lost(`the ROS process ${text}`));
    }
  }
}

function lost(text: string): RoviError {
  return new RoviError(
    'motion-lost',
    `${text}: whether the base has stopped is for its own timeout to see to`,
    {
      mend: 'Look whether the base stands still. `rovictl ros status` and `rovictl logs gateway` say what became of ROS.',
    },
  );
}
