import type { Problem } from '@rovi/contract';

/** What one slow client was not sent yet, at most `maxBytes` of it. Frames are shared among clients, never copied. */
export class Backlog {
  readonly #maxBytes: number;
  #frames: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Keeps the frame for later; false, and nothing is kept, where it would be too much. */
  push(frame: Buffer): boolean {
    if (this.#bytes + frame.length > this.#maxBytes) return false;
    this.#frames.push(frame);
    this.#bytes += frame.length;
    return true;
  }

  /** The oldest frame, which is kept no longer; undefined where there is none. */
  shift(): Buffer | undefined {
    const frame = this.#frames.shift();
    this.#bytes -= frame?.length ?? 0;
    return frame;
  }

  clear(): void {
    this.#frames = [];
    this.#bytes = 0;
  }

  /** Why a client is dropped for whom {@link push} was false. */
  get overflow(): Problem {
    return {
      code: 'client-too-slow',
      message: `more than ${this.#maxBytes} bytes of events were waiting to be read`,
      mend: 'Connect again: the stream begins with the whole state.',
      context: {},
    };
  }
}
