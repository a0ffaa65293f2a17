import type { RosScan } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { ToProcess } from './protocol.js';

/** Milliseconds for an answer; the process itself says after ten seconds that nothing came. */
const PATIENCE_MS = 12_000;

/** The gateway's end of the looks around. */
export class ScanCalls {
  readonly #send: (message: ToProcess) => boolean;
  readonly #calls = new Map<number, (outcome: RosScan | RoviError) => void>();
  #id = 0;

  /** `send` returns false where nobody can be told. */
  constructor(send: (message: ToProcess) => boolean) {
    this.#send = send;
  }

  /** As {@link MotionTransport.scan}. */
  scan(topic: string, signal: AbortSignal): Promise<RosScan> {
    this.#id += 1;
    const id = this.#id;
    return new Promise((resolve, reject) => {
      const finish = (outcome: RosScan | RoviError): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.#calls.delete(id);
        if (outcome instanceof RoviError) reject(outcome);
        else resolve(outcome);
      };
      const give = (text: string): void => {
        this.#send({ type: 'unscan', id });
        finish(failed(text));
      };
      const abort = (): void => give(`no scan came on ${topic} before it was called off`);
      const timer = setTimeout(() => give('the ROS process did not answer in time'), PATIENCE_MS);
      if (signal.aborted) return finish(failed('it was called off before it began'));
      signal.addEventListener('abort', abort, { once: true });
      this.#calls.set(id, finish);
      if (!this.#send({ type: 'scan', id, topic })) finish(failed('the ROS process takes no orders'));
    });
  }

  /** A look has found this; null: nothing. */
  scanned(id: number, scan: RosScan | null, text: string): void {
    this.#calls.get(id)?.(scan ?? failed(text));
  }

  /** The process is gone. */
  gone(text: string): void {
    for (const finish of [...this.#calls.values()]) finish(failed(`the ROS process ${text}`));
  }
}

function failed(text: string): RoviError {
  return new RoviError('scan-failed', text, {
    mend: 'Is the lidar on, and its topic the `scan_topic` of the catalog? `rovictl ros probe topic` looks at it.',
  });
}
