import type { Problem } from '@rovi/contract';
import type { FastifyReply } from 'fastify';
import { callerOf } from './access/caller.js';
import { EventStream } from './event-stream.js';
import type { EventStreamOptions } from './event-stream.js';
import { HttpFault } from './fault.js';

/** The open streams of one kind: at most `limit`, all ended together when the daemon stops. */
export class OpenStreams {
  readonly #limit: number;
  readonly #what: string;
  readonly #options: EventStreamOptions;
  /** Each with what its client was let in with. */
  readonly #streams = new Map<EventStream, string>();
  #places = 0;

  constructor(limit: number, what: string, options: EventStreamOptions) {
    this.#limit = limit;
    this.#what = what;
    this.#options = options;
  }

  /** How many streams are open now. */
  get size(): number {
    return this.#streams.size;
  }

  /** Takes the reply over as an event stream. Throws `too-many-clients` (503) when the limit is reached. */
  open(reply: FastifyReply): EventStream {
    const leave = this.enter();
    reply.hijack();
    const stream = new EventStream(reply.raw, this.#options);
    this.#streams.set(stream, callerOf(reply.request)?.key ?? '');
    stream.closed.addEventListener(
      'abort',
      () => {
        this.#streams.delete(stream);
        leave();
      },
      { once: true },
    );
    stream.open();
    return stream;
  }

  /** Takes a place without a stream, for an answer that costs as much; returns how to leave it. */
  enter(): () => void {
    if (this.#places >= this.#limit) {
      throw new HttpFault(503, 'too-many-clients', `${this.#limit} ${this.#what} are open already`, {
        mend: 'Close one, then try again.',
      });
    }
    this.#places += 1;
    return () => {
      this.#places -= 1;
    };
  }

  /** Ends every stream with the reason. */
  dropAll(reason: Problem): void {
    for (const stream of [...this.#streams.keys()]) stream.drop(reason);
  }

  /** Ends the streams of clients that were let in with one of these. */
  dropOwned(keys: ReadonlySet<string>, reason: Problem): void {
    for (const [stream, key] of [...this.#streams]) if (keys.has(key)) stream.drop(reason);
  }
}
