import type { ServerResponse } from 'node:http';
import type { Problem } from '@rovi/contract';

/**
 * One `text/event-stream` answer. What a client has not read yet waits in Node's own buffer and, past its mark, in a
 * queue of at most `maxPendingBytes`; a client that lets it overflow is dropped: the queue is thrown away and the last
 * thing it can read is `event: dropped` with the reason. Every frame before that is whole.
 */

export interface EventStreamOptions {
  /** Bytes that may wait for a slow client. */
  readonly maxPendingBytes: number;
  /** Milliseconds between comments that show both sides the connection lives. */
  readonly heartbeatMs: number;
  /** Milliseconds a dropped client has to read the reason. */
  readonly graceMs: number;
}

/** What the daemon uses. */
export const STREAM_OPTIONS: EventStreamOptions = {
  maxPendingBytes: 1_048_576,
  heartbeatMs: 15_000,
  graceMs: 10_000,
};

/** One frame. JSON has no raw line breaks, so that `data` is one line; `id` must have none. */
export function frameOf(event: string, data: unknown, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/** The stream of one client. What is sent after its end is dropped without a word. */
export class EventStream {
  readonly #raw: ServerResponse;
  readonly #options: EventStreamOptions;
  readonly #closed = new AbortController();
  #pending: string[] = [];
  #pendingBytes = 0;
  #blocked = false;
  #ended = false;
  #heartbeat: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor(raw: ServerResponse, options: EventStreamOptions) {
    this.#raw = raw;
    this.#options = options;
  }

  /** Aborts when the client is gone or was dropped. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Sends the head. */
  open(): void {
    this.#raw.on('drain', () => this.#flush());
    this.#raw.on('error', () => this.#close());
    this.#raw.once('close', () => this.#close());
    if (this.#raw.destroyed) return this.#close();
    this.#raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      connection: 'close',
    });
    this.#raw.flushHeaders();
    this.#heartbeat = setInterval(() => {
      if (!this.#blocked) this.send(': alive\n\n');
    }, this.#options.heartbeatMs);
    this.#heartbeat.unref();
  }

  /** Sends what the client asked for at the beginning, however large: the bound is for what comes after. */
  begin(frames: readonly string[]): void {
    if (!this.#ended && frames.length > 0) this.#write(frames.join(''));
  }

  /** Sends a frame, or drops the client when it has too much to read already. Never throws. */
  send(frame: string): void {
    if (this.#ended) return;
    if (!this.#blocked) return this.#write(frame);
    const bytes = Buffer.byteLength(frame);
    if (this.#pendingBytes + bytes > this.#options.maxPendingBytes) {
      return this.drop({
        code: 'client-too-slow',
        message: `more than ${this.#options.maxPendingBytes} bytes of events were waiting to be read`,
        mend: 'Connect again: the stream begins with the whole state.',
        context: {},
      });
    }
    this.#pending.push(frame);
    this.#pendingBytes += bytes;
  }

  /** Resolves when the client has read enough to be sent more, or is gone. For sources that can wait. */
  async ready(): Promise<void> {
    while (this.#blocked && !this.#ended) {
      await new Promise<void>((resolve) => {
        const on = (): void => {
          this.#raw.off('drain', on);
          this.closed.removeEventListener('abort', on);
          resolve();
        };
        this.#raw.on('drain', on);
        this.closed.addEventListener('abort', on, { once: true });
      });
    }
  }

  /** Ends the stream with `event: dropped`, which carries the reason. */
  drop(reason: Problem): void {
    if (this.#ended) return;
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#raw.end(frameOf('dropped', reason));
    this.#grace = setTimeout(() => this.#raw.destroy(), this.#options.graceMs);
    this.#end();
  }

  #write(text: string): void {
    this.#blocked = !this.#raw.write(text);
  }

  #flush(): void {
    this.#blocked = false;
    while (!this.#blocked && this.#pending.length > 0) {
      const frame = this.#pending.shift() ?? '';
      this.#pendingBytes -= Buffer.byteLength(frame);
      this.#write(frame);
    }
  }

  #end(): void {
    this.#ended = true;
    clearInterval(this.#heartbeat);
    this.#closed.abort();
  }

  #close(): void {
    this.#end();
    clearTimeout(this.#grace);
    this.#pending = [];
  }
}
