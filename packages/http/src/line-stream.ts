import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Problem } from '@rovi/contract';
import type { EventStreamOptions } from './event-stream.js';
import type { OpenStream } from './open-stream.js';

/**
 * One answer of JSON lines, no faster than its client reads. A whole one ends as HTTP has it; one that is cut off ends
 * with the line `{"type":"dropped","problem":…}`, and then the connection breaks off without that end: nobody takes a part
 * for the whole, whether he looks at the lines or not.
 */
export class LineStream implements OpenStream {
  readonly #raw: ServerResponse;
  readonly #headers: OutgoingHttpHeaders;
  readonly #options: Pick<EventStreamOptions, 'graceMs' | 'stallMs'>;
  readonly #closed = new AbortController();
  #deadline: NodeJS.Timeout | undefined;

  constructor(
    raw: ServerResponse,
    headers: OutgoingHttpHeaders,
    options: Pick<EventStreamOptions, 'graceMs' | 'stallMs'>,
  ) {
    this.#raw = raw;
    this.#headers = headers;
    this.#options = options;
  }

  /** Aborts when the client is gone or was dropped. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** Sends the head. */
  open(): void {
    this.#raw.on('error', () => this.#close());
    this.#raw.once('close', () => this.#close());
    if (this.#raw.destroyed) return this.#close();
    this.#raw.writeHead(200, {
      ...this.#headers,
      'content-type': 'application/x-ndjson; charset=utf-8',
      connection: 'close',
    });
    this.#raw.flushHeaders();
  }

  /** Sends one value. Resolves when the client has read enough to be sent more, or is gone. */
  async send(value: unknown): Promise<void> {
    if (this.closed.aborted || this.#raw.write(lineOf(value))) return;
    const { stallMs } = this.#options;
    this.#deadline = setTimeout(() => this.drop(tooSlow(stallMs)), stallMs);
    await new Promise<void>((resolve) => {
      const on = (): void => {
        this.#raw.off('drain', on);
        this.closed.removeEventListener('abort', on);
        resolve();
      };
      this.#raw.on('drain', on);
      this.closed.addEventListener('abort', on, { once: true });
    });
    if (!this.closed.aborted) clearTimeout(this.#deadline);
  }

  /** That was all of it. */
  finish(): void {
    if (this.closed.aborted) return;
    this.#raw.end();
    this.#breakOffAfter(this.#options.stallMs);
  }

  drop(reason: Problem): void {
    if (this.closed.aborted || this.#raw.writableEnded) return;
    this.#raw.write(lineOf({ type: 'dropped', problem: reason }), () => this.#raw.destroy());
    this.#breakOffAfter(this.#options.graceMs);
    this.#closed.abort();
  }

  #breakOffAfter(ms: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#raw.destroy(), ms);
  }

  #close(): void {
    clearTimeout(this.#deadline);
    this.#closed.abort();
  }
}

function lineOf(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

function tooSlow(ms: number): Problem {
  return {
    code: 'client-too-slow',
    message: `what was sent was not read for ${ms / 1000} s`,
    mend: 'Export into a file, and read that.',
    context: {},
  };
}
