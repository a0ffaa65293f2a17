/**
 * One connection to a message bus, from its handshake to its end: the only importer of dbus-next.
 *
 * dbus-next gives us authentication, framing and marshalling. Everything that must be bounded is done here: each call
 * has a deadline, the connection's end fails what is in flight and is reported exactly once, nothing that arrives can
 * throw into the event loop, and a listener's error never becomes an answer to the sender.
 */
import createConnection from 'dbus-next/lib/connection.js';
import { Message } from 'dbus-next/lib/message-type.js';
import { BusFailure } from './bus-failure.js';

const METHOD_CALL = 1;
const METHOD_RETURN = 2;
const ERROR = 3;
const SIGNAL = 4;
const NO_REPLY_EXPECTED = 1;

/** A method call. `body` matches `signature`; 64-bit integers are BigInt. */
export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
}

/** A signal as it arrived. `sender` is the unique name the bus vouches for. */
export interface BusSignal {
  readonly sender: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: readonly unknown[];
}

/** Who hears of what arrives. Errors thrown by `signal` end up in `fault`. */
export interface BusListener {
  readonly signal: (signal: BusSignal) => void;
  /** The connection has ended; called once, also after `close()`. */
  readonly end: (reason: string) => void;
  /** Something arrived that could not be handled; the connection goes on. */
  readonly fault: (error: unknown) => void;
}

interface PendingCall {
  readonly taken: ((body: readonly unknown[]) => void) | undefined;
  readonly resolve: (body: readonly unknown[]) => void;
  readonly reject: (failure: BusFailure) => void;
  readonly timer: NodeJS.Timeout;
}

type Wire = ReturnType<typeof createConnection>;

/** An open connection to a bus. Made by {@link BusConnection.open} only. */
export class BusConnection {
  /** Messages written and read since the connection was opened. */
  readonly counts = { sent: 0, received: 0 };
  readonly #wire: Wire;
  readonly #listener: BusListener;
  readonly #pending = new Map<number, PendingCall>();
  #serial = 0;
  #open = false;
  #ended = false;
  #lastError: Error | null = null;

  private constructor(wire: Wire, listener: BusListener) {
    this.#wire = wire;
    this.#listener = listener;
  }

  /**
   * Connects, authenticates (EXTERNAL) and says Hello within the deadline. `address` is a `unix:socket=` address.
   * Rejects with a BusFailure; `listener.end` is not called for a connection that was never opened.
   */
  static async open(address: string, listener: BusListener, deadlineMs: number): Promise<BusConnection> {
    // Only EXTERNAL: dbus-next's cookie method throws into the event loop when a server offers it wrongly.
    const wire = createConnection({ busAddress: address, authMethods: ['EXTERNAL'] });
    const connection = new BusConnection(wire, listener);
    await connection.#handshake(deadlineMs);
    return connection;
  }

  /**
   * Sends a call in this very turn and resolves with the body of its reply. Rejects with a BusFailure. `taken` gets
   * the body at once, before any message that came after it: promises are only settled when all that has arrived
   * together has been handled.
   */
  call(
    call: BusCall,
    deadlineMs: number,
    taken?: (body: readonly unknown[]) => void,
  ): Promise<readonly unknown[]> {
    if (this.#ended) return Promise.reject(this.#lostFailure());
    const serial = this.#nextSerial();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#pending.delete(serial);
        reject(new BusFailure('timeout', `no answer to ${call.member} within ${Math.round(deadlineMs)} ms`));
      }, deadlineMs);
      this.#pending.set(serial, { taken, resolve, reject, timer });
      try {
        this.#send(new Message({ ...call, type: METHOD_CALL, serial }));
      } catch (cause) {
        this.#settle(serial)?.reject(new BusFailure('lost', `${call.member} could not be sent`, '', cause));
      }
    });
  }

  /** Ends the connection; calls in flight fail with `lost`. */
  close(): void {
    this.#wire.stream.destroy();
  }

  #handshake(deadlineMs: number): Promise<void> {
    const { stream } = this.#wire;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#lastError = new Error(`the message bus did not answer within ${Math.round(deadlineMs)} ms`);
        stream.destroy();
      }, deadlineMs);
      // Stream errors come here too; the end itself is always the stream's `close`.
      this.#wire.on('error', (error: unknown) => this.#onWireError(error));
      this.#wire.on('message', (message: Message) => this.#onMessage(message));
      this.#wire.once('connect', () => {
        this.#guardParser();
        this.call(
          {
            destination: 'org.freedesktop.DBus',
            path: '/org/freedesktop/DBus',
            interface: 'org.freedesktop.DBus',
            member: 'Hello',
          },
          deadlineMs,
        ).then(
          () => {
            clearTimeout(timer);
            this.#open = true;
            resolve();
          },
          (failure: unknown) => {
            this.#lastError = failure as BusFailure;
            stream.destroy();
          },
        );
      });
      stream.once('close', () => {
        clearTimeout(timer);
        const failure = this.#lostFailure();
        this.#onEnd(failure.message);
        reject(failure);
      });
    });
  }

  /** dbus-next parses inside a `readable` listener: what it throws there would end the process. */
  #guardParser(): void {
    const { stream } = this.#wire;
    const add = stream.on.bind(stream);
    const guarded = (event: string, listener: (...parameters: unknown[]) => void) => {
      if (event !== 'readable') return add(event, listener);
      return add(event, () => {
        try {
          listener();
        } catch (error) {
          stream.destroy(new Error('the message bus sent what cannot be parsed', { cause: error }));
        }
      });
    };
    stream.on = guarded as typeof stream.on;
  }

  #onWireError(error: unknown): void {
    this.#lastError = error instanceof Error ? error : new Error(String(error));
    if (!this.#open) this.#wire.stream.destroy();
    else if (!this.#wire.stream.destroyed) this.#listener.fault(error);
  }

  #onMessage(message: Message): void {
    this.counts.received += 1;
    try {
      if (message.type === METHOD_RETURN || message.type === ERROR) this.#onReply(message);
      else if (message.type === SIGNAL) this.#onSignal(message);
      else if (message.type === METHOD_CALL) this.#refuse(message);
    } catch (error) {
      this.#listener.fault(error);
    }
  }

  #onReply(message: Message): void {
    const call = this.#settle(message.replySerial ?? -1);
    if (call === undefined) return;
    if (message.type === METHOD_RETURN) {
      call.resolve(message.body);
      call.taken?.(message.body);
      return;
    }
    const [text] = message.body;
    const name = message.errorName ?? '';
    // The bus itself answers so for a recipient that left without answering.
    const kind = name === 'org.freedesktop.DBus.Error.NoReply' ? 'lost' : 'reply';
    call.reject(new BusFailure(kind, typeof text === 'string' ? text : name, name));
  }

  #onSignal({ sender, path, interface: iface, member, body }: Message): void {
    if (!this.#open || sender === undefined || path === undefined) return;
    if (iface === undefined || member === undefined) return;
    this.#listener.signal({ sender, path, interface: iface, member, body });
  }

  /** We offer nothing on the bus; a caller that waits is told so at once. */
  #refuse(message: Message): void {
    if ((message.flags & NO_REPLY_EXPECTED) !== 0) return;
    const answer = Message.newError(
      message,
      'org.freedesktop.DBus.Error.UnknownMethod',
      'Rovi offers no methods on this bus',
    );
    answer.serial = this.#nextSerial();
    this.#send(answer);
  }

  #send(message: Message): void {
    this.#wire.message(message);
    this.counts.sent += 1;
  }

  #settle(serial: number): PendingCall | undefined {
    const call = this.#pending.get(serial);
    if (call === undefined) return undefined;
    this.#pending.delete(serial);
    clearTimeout(call.timer);
    return call;
  }

  #onEnd(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const serial of [...this.#pending.keys()]) this.#settle(serial)?.reject(this.#lostFailure());
    if (this.#open) this.#listener.end(reason);
  }

  #lostFailure(): BusFailure {
    const reason = this.#lastError?.message ?? 'the message bus closed the connection';
    return new BusFailure('lost', reason, '', this.#lastError ?? undefined);
  }

  #nextSerial(): number {
    this.#serial = this.#serial >= 0xffff_ffff ? 1 : this.#serial + 1;
    return this.#serial;
  }
}
