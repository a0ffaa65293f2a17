import type { Socket } from 'node:net';
import { CLOSE } from '@rovi/contract';
import type { LiveMessage, Problem } from '@rovi/contract';
import type { WebSocket } from 'ws';
import { Backlog } from '../backlog.js';
import type { EventStreamOptions } from '../event-stream.js';
import type { CloseCode, EventSink } from '../open-stream.js';
import type { Accepted } from './upgrades.js';

/**
 * One WebSocket of events, with the bounds of an event stream: what its client has not read waits in Node's own buffer
 * and, past its mark, in a backlog; a client that lets it overflow is dropped, and the last message it can read says
 * why. It goes one way: whoever sends a message is dropped too. A client that answers no pings is gone.
 */

/** Pings that may be unanswered. */
const MAX_UNANSWERED = 2;

const NOT_HEARD: Problem = {
  code: 'bad-request',
  message: 'this WebSocket goes one way: the gateway hears no messages on it',
  mend: 'Send commands as requests: docs/api.md has them.',
  context: {},
};

/** The WebSocket of one client. What is sent after its end is dropped without a word. */
export class LiveSocket implements EventSink {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #options: EventStreamOptions;
  readonly #closed = new AbortController();
  readonly #backlog: Backlog;
  #seq = 0;
  #unanswered = 0;
  #ended = false;
  #alive: NodeJS.Timeout | undefined;
  #pings: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor({ webSocket, socket }: Accepted, options: EventStreamOptions) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#options = options;
    this.#backlog = new Backlog(options.maxPendingBytes);
  }

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  open(): void {
    const { aliveMs, pingMs } = this.#options;
    this.#webSocket.on('message', () => this.drop(NOT_HEARD, CLOSE.notHeard));
    this.#webSocket.on('pong', () => {
      this.#unanswered = 0;
    });
    // Bytes that are no WebSocket: ws has sent the fitting code, and the client has a while to answer it.
    this.#webSocket.on('error', () => this.#endSoon());
    this.#webSocket.once('close', () => this.#close());
    this.#socket.on('drain', () => this.#flush());
    this.#alive = setTimeout(() => this.#sayAlive(), aliveMs).unref();
    this.#pings = setInterval(() => this.#ping(), pingMs).unref();
  }

  begin(frames: readonly Buffer[], seq: number): void {
    this.#seq = seq;
    for (const frame of frames) if (!this.#ended) this.#write(frame);
    // Who missed nothing hears that, too: until then it takes what it shows for old.
    if (frames.length === 0 && !this.#ended) this.#sayAlive();
  }

  send(frame: Buffer, seq: number): void {
    if (this.#ended) return;
    this.#seq = seq;
    if (!this.#socket.writableNeedDrain) this.#write(frame);
    else if (!this.#backlog.push(frame)) this.drop(this.#backlog.overflow, CLOSE.tooSlow);
  }

  /** Ends it with the message `dropped`, which carries the reason, and the code. */
  drop(problem: Problem, code: CloseCode): void {
    if (this.#ended) return;
    this.#write(textOf({ type: 'dropped', problem }));
    this.#webSocket.close(code, problem.code);
    this.#endSoon();
  }

  #write(frame: Buffer): void {
    this.#webSocket.send(frame, { binary: false });
    this.#alive?.refresh();
  }

  #flush(): void {
    while (!this.#ended && !this.#socket.writableNeedDrain) {
      const frame = this.#backlog.shift();
      if (frame === undefined) return;
      this.#write(frame);
    }
  }

  #sayAlive(): void {
    if (this.#socket.writableNeedDrain) this.#alive?.refresh();
    else this.#write(textOf({ type: 'alive', seq: this.#seq, at: new Date().toISOString() }));
  }

  #ping(): void {
    if (this.#unanswered >= MAX_UNANSWERED) return this.#webSocket.terminate();
    this.#unanswered += 1;
    this.#webSocket.ping();
  }

  #endSoon(): void {
    this.#grace ??= setTimeout(() => this.#webSocket.terminate(), this.#options.graceMs);
    this.#end();
  }

  #end(): void {
    this.#ended = true;
    clearTimeout(this.#alive);
    clearInterval(this.#pings);
    this.#backlog.clear();
    this.#closed.abort();
  }

  #close(): void {
    this.#end();
    clearTimeout(this.#grace);
  }
}

function textOf(message: LiveMessage): Buffer {
  return Buffer.from(JSON.stringify(message));
}
