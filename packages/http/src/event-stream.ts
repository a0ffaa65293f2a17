import type { ServerResponse } from 'node:http';
import { ALIVE_MS } from '@rovi/contract';
import type { Problem } from '@rovi/contract';
import { Backlog } from './backlog.js';
import type { EventSink } from './open-stream.js';

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
  /** Milliseconds without a message after which a WebSocket is told `alive`. */
  readonly aliveMs: number;
  /** Milliseconds between pings of a WebSocket; who leaves two unanswered until the next is gone. */
  readonly pingMs: number;
  /** Milliseconds a dropped client has to read the reason. */
  readonly graceMs: number;
  /** Milliseconds that the client of an answer in lines has to read what it was sent. */
  readonly stallMs: number;
}

/** What the daemon uses: a WebSocket whose other end is gone without a word is noticed after 30 s. */
export const STREAM_OPTIONS: EventStreamOptions = {
  maxPendingBytes: 1_048_576,
  heartbeatMs: 15_000,
  aliveMs: ALIVE_MS,
  pingMs: 10_000,
  graceMs: 10_000,
  stallMs: 60_000,
};

/** One frame. JSON has no raw line breaks, so that `data` is one line; `id` must have none. */
export function frameOf(event: string, data: unknown, id?: string): Buffer {
  return frameOfText(event, JSON.stringify(data), id);
}

/** As {@link frameOf}, of what is JSON on one line already. */
export function frameOfText(event: string, json: string, id?: string): Buffer {
  return Buffer.from(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${json}\n\n`);
}

const ALIVE = Buffer.from(': alive\n\n');

/** The stream of one client. What is sent after its end is dropped without a word. */
export class EventStream implements EventSink {
  readonly #raw: ServerResponse;
  readonly #options: EventStreamOptions;
  readonly #closed = new AbortController();
  readonly #backlog: Backlog;
  #blocked = false;
  #ended = false;
  #heartbeat: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor(raw: ServerResponse, options: EventStreamOptions) {
    this.#raw = raw;
    this.#options = options;
    this.#backlog = new Backlog(options.maxPendingBytes);
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
      if (!this.#blocked) this.send(ALIVE);
    }, this.#options.heartbeatMs);
    this.#heartbeat.unref();
  }

  /** Sends what the client asked for at the beginning, however large: the bound is for what comes after. */
  begin(frames: readonly Buffer[]): void {
    if (!this.#ended && frames.length > 0) this.#write(Buffer.concat(frames));
  }

  /** Sends a frame, or drops the client when it has too much to read already. Never throws. */
  send(frame: Buffer): void {
    if (this.#ended) return;
    if (!this.#blocked) this.#write(frame);
    else if (!this.#backlog.push(frame)) this.drop(this.#backlog.overflow);
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
    this.#backlog.clear();
    this.#raw.end(frameOf('dropped', reason));
    this.#grace = setTimeout(() => this.#raw.destroy(), this.#options.graceMs);
    this.#end();
  }

  #write(frame: Buffer): void {
    this.#blocked = !this.#raw.write(frame);
  }

  #flush(): void {
    this.#blocked = false;
    while (!this.#blocked) {
      const frame = this.#backlog.shift();
      if (frame === undefined) return;
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
    this.#backlog.clear();
  }
}
