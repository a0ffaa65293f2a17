import type { OutgoingHttpHeaders } from 'node:http';
import type { Problem } from '@rovi/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventStream } from './event-stream.js';
import type { EventStreamOptions } from './event-stream.js';
import { callerOf } from './access/caller.js';
import { HttpFault } from './fault.js';
import { LineStream } from './line-stream.js';
import type { CloseCode, OpenStream } from './open-stream.js';
import { LiveSocket } from './websocket/live-socket.js';
import type { Upgrades } from './websocket/upgrades.js';

/**
 * The open streams of one kind, at most `limit`, each with whose it is. `reserved` of the places are the unix socket's
 * alone: whoever listens over TCP must not take the last one from who stands beside the robot.
 */
export class OpenStreams {
  readonly #limit: number;
  readonly #reserved: number;
  readonly #what: string;
  readonly #options: EventStreamOptions;
  /** Each with what its client was let in with: the key of the caller. */
  readonly #streams = new Map<OpenStream, string | null>();
  #places = 0;

  constructor(
    { limit, reserved }: { readonly limit: number; readonly reserved: number },
    what: string,
    options: EventStreamOptions,
  ) {
    this.#limit = limit;
    this.#reserved = reserved;
    this.#what = what;
    this.#options = options;
  }

  /** How many streams are open now. */
  get size(): number {
    return this.#streams.size;
  }

  /** Takes the reply over as an event stream. Throws `too-many-clients` (503) when the limit is reached. */
  open(request: FastifyRequest, reply: FastifyReply): EventStream {
    return this.#admit(request, () => {
      reply.hijack();
      return new EventStream(reply.raw, this.#options);
    });
  }

  /** Takes the reply over as an answer in lines. Throws `too-many-clients` as {@link open} does. */
  openLines(request: FastifyRequest, reply: FastifyReply): LineStream {
    return this.#admit(request, () => {
      const headers = reply.getHeaders() as OutgoingHttpHeaders;
      reply.hijack();
      return new LineStream(reply.raw, headers, this.#options);
    });
  }

  /** Takes the connection over as a WebSocket. Throws `too-many-clients` as {@link open} does, and what the handshake lacks. */
  openSocket(request: FastifyRequest, reply: FastifyReply, upgrades: Upgrades): LiveSocket {
    return this.#admit(request, () => new LiveSocket(upgrades.accept(request, reply), this.#options));
  }

  /** Takes a place without a stream, for an answer that costs as much; returns how to leave it. */
  enter(request: FastifyRequest): () => void {
    const local = callerOf(request)?.via === 'socket';
    const limit = local ? this.#limit : this.#limit - this.#reserved;
    if (this.#places >= limit) {
      throw new HttpFault(503, 'too-many-clients', `${limit} ${this.#what} are open already`, {
        mend: 'Close one, then try again.',
      });
    }
    this.#places += 1;
    return () => {
      this.#places -= 1;
    };
  }

  /** Ends the streams of these owners with the reason; null is the owner of those whose client nobody knows. */
  dropOwned(whose: (owner: string | null) => boolean, reason: Problem, code: CloseCode): void {
    for (const [stream, owner] of [...this.#streams]) if (whose(owner)) stream.drop(reason, code);
  }

  #admit<S extends OpenStream>(request: FastifyRequest, make: () => S): S {
    const leave = this.enter(request);
    let stream: S;
    try {
      stream = make();
    } catch (error) {
      leave();
      throw error;
    }
    this.#streams.set(stream, callerOf(request)?.key ?? null);
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
}
