import { ALIVE_MS, CLOSE, RoviError } from '@rovi/contract';
import type { LiveMessage, RoviEvent } from '@rovi/contract';
import { unreachable } from './failure.js';
import { reconnectDelay } from './server-events.js';

/**
 * The robot's events over a WebSocket, for as long as somebody looks.
 *
 * Nothing here believes a connection because it is open: `live` is said only after a message, and taken back when
 * {@link SILENCE_MS} passed without one, or when sequence numbers do not follow on each other. Then it connects again:
 * at 0.25, 0.5, … 5 s, and resumes after the last event it gave; the server begins with a snapshot where it cannot.
 * A clock that stood still in a sleeping tablet is why `wake` must be called when somebody looks again.
 */

/** Milliseconds without a sign of life after which the link is lost: two of the server's, and slack. */
export const SILENCE_MS = 2 * ALIVE_MS + 2_000;

/** How the link is. `heardAt` is the moment of the last message, on the clock that was given; null before the first. */
export type LiveLink =
  | { readonly state: 'connecting'; readonly heardAt: number | null }
  | { readonly state: 'live'; readonly heardAt: number }
  /** Tried again at `retryAt`. `opened` is false where the server never took the connection: it may want a token. */
  | {
      readonly state: 'lost';
      readonly heardAt: number | null;
      readonly problem: RoviError;
      readonly retryAt: number;
      readonly opened: boolean;
    }
  /** The server ended our access. Not tried again. */
  | { readonly state: 'ended'; readonly heardAt: number | null; readonly problem: RoviError };

/** What a connection tells. `closed` comes once, and last. */
export interface SocketListener {
  opened(): void;
  message(text: string): void;
  closed(code: number, reason: string): void;
}

/** Connects; the listener is never called before this has returned. */
export type OpenSocket = (query: string, listener: SocketListener) => { close(): void };

/** Milliseconds that only grow, also while the machine sleeps, and timers that may be late. */
export interface LiveClock {
  now(): number;
  /** Returns what cancels it. */
  after(ms: number, run: () => void): () => void;
}

export interface LiveEventsOptions {
  readonly open: OpenSocket;
  readonly clock: LiveClock;
  /** Throws a RoviError for a text that is no message. */
  readonly read: (text: string) => LiveMessage;
  /** Every event in order. A `snapshot` replaces all that came before. */
  readonly onEvent: (event: RoviEvent) => void;
  /** A sign of life that says nothing else; `at` is the robot's clock. */
  readonly onAlive?: (at: string) => void;
  readonly onLink: (link: LiveLink) => void;
}

export class LiveEvents {
  readonly #options: LiveEventsOptions;
  #link: LiveLink = { state: 'connecting', heardAt: null };
  #socket: { close(): void } | undefined;
  #opened = false;
  /** Counts connections: what an old one still says is not heard. */
  #connection = 0;
  #failures = 0;
  #timer: (() => void) | undefined;
  #last: { boot: string; seq: number } | undefined;
  #dropped: RoviError | undefined;

  constructor(options: LiveEventsOptions) {
    this.#options = options;
  }

  /** How the link is now. */
  get link(): LiveLink {
    return this.#link;
  }

  /** Connects at once, whatever was before, and begins with a snapshot: who starts may have forgotten the last one. */
  start(): void {
    this.#letGo();
    this.#last = undefined;
    this.#failures = 0;
    this.#say({ state: 'connecting', heardAt: this.#link.heardAt });
    this.#connect();
  }

  /** Hangs up for good; nothing is called any more. */
  stop(): void {
    this.#letGo();
  }

  /** Somebody looks again: checks what the timers of a sleeping page did not, and does not wait to try again. */
  wake(): void {
    const { state, heardAt } = this.#link;
    if (state === 'ended') return;
    if (state === 'lost' && this.#socket === undefined) {
      this.#timer?.();
      return this.#connect();
    }
    if (state === 'live' && this.#options.clock.now() - heardAt >= SILENCE_MS) {
      this.#lose(silent());
      this.#timer?.();
      this.#connect();
    }
  }

  #connect(): void {
    this.#connection += 1;
    const connection = this.#connection;
    const ours = (run: () => void) => (): void => {
      if (connection === this.#connection) run();
    };
    this.#opened = false;
    this.#dropped = undefined;
    this.#watch();
    const last = this.#last;
    const query = last === undefined ? '' : `?since=${last.seq}&boot=${encodeURIComponent(last.boot)}`;
    this.#socket = this.#options.open(query, {
      opened: ours(() => (this.#opened = true)),
      message: (text) => ours(() => this.#hear(text))(),
      closed: (code, reason) => ours(() => this.#closed(code, reason))(),
    });
  }

  #hear(text: string): void {
    let message: LiveMessage;
    try {
      message = this.#options.read(text);
    } catch (error) {
      // What we do not understand we cannot go on from.
      this.#last = undefined;
      return this.#lose(RoviError.from(error));
    }
    if (message.type === 'dropped') {
      this.#dropped = RoviError.fromProblem(message.problem);
      return;
    }
    if (!this.#follows(message)) {
      this.#last = undefined;
      return this.#lose(unreachable('hung-up', 'an event was missed', 'Everything is read again.'));
    }
    this.#failures = 0;
    this.#watch();
    // First the event, then that it is live: nobody sees the old state as live.
    if (message.type === 'alive') this.#options.onAlive?.(message.at);
    else this.#options.onEvent(message);
    this.#say({ state: 'live', heardAt: this.#options.clock.now() });
  }

  /** Whether the message is the next one; remembers where we are. */
  #follows(message: Exclude<LiveMessage, { type: 'dropped' }>): boolean {
    if (message.type === 'snapshot') {
      this.#last = { boot: message.snapshot.boot_id, seq: message.seq };
      return true;
    }
    const last = this.#last;
    if (last === undefined) return false;
    if (message.type === 'alive') return message.seq === last.seq;
    this.#last = { boot: last.boot, seq: message.seq };
    return message.seq === last.seq + 1;
  }

  #closed(code: number, reason: string): void {
    this.#socket = undefined;
    const { heardAt } = this.#link;
    if (code === CLOSE.accessEnded) {
      const problem =
        this.#dropped ??
        new RoviError('token-rejected', reason || 'the robot ended your access', {
          mend: 'Ask for another token.',
        });
      this.#letGo();
      return this.#say({ state: 'ended', heardAt, problem });
    }
    this.#lose(this.#dropped ?? whyClosed(code));
  }

  #lose(problem: RoviError): void {
    const opened = this.#opened;
    this.#letGo();
    this.#failures += 1;
    const ms = reconnectDelay(this.#failures);
    this.#timer = this.#options.clock.after(ms, () => this.#connect());
    const retryAt = this.#options.clock.now() + ms;
    this.#say({ state: 'lost', heardAt: this.#link.heardAt, problem, retryAt, opened });
  }

  /** From now on a sign of life is due. */
  #watch(): void {
    this.#timer?.();
    this.#timer = this.#options.clock.after(SILENCE_MS, () => this.#lose(silent()));
  }

  #letGo(): void {
    this.#connection += 1;
    this.#timer?.();
    this.#timer = undefined;
    this.#socket?.close();
    this.#socket = undefined;
  }

  #say(link: LiveLink): void {
    this.#link = link;
    this.#options.onLink(link);
  }
}

function silent(): RoviError {
  return unreachable(
    'timeout',
    `the robot has said nothing for ${SILENCE_MS / 1000} s`,
    'It is tried again. Stacks that run, run on.',
  );
}

function whyClosed(code: number): RoviError {
  return code === CLOSE.stopping
    ? unreachable('stopping', 'the gateway stops', 'It is tried again. Stacks stop with the gateway.')
    : unreachable('hung-up', 'the robot cannot be reached', 'It is tried again. Stacks that run, run on.');
}
