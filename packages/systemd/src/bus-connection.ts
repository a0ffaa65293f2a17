/**
 * One connection to a message bus, from its handshake to its end: the only importer of dbus-next.
 *
 * dbus-next gives us authentication and marshalling. Everything that must be bounded is done here: each call has a
 * deadline, the connection's end fails what is in flight and is reported exactly once, nothing that arrives can throw
 * into the event loop or end the connection as long as it is a message, the bodies of messages that nobody asked for
 * are not even looked at, and a listener's error never becomes an answer to the sender.
 */
import createConnection from 'dbus-next/lib/connection.js';
import DBusBuffer from 'dbus-next/lib/dbus-buffer.js';
import compat from 'dbus-next/lib/marshall-compat.js';
import { Message } from 'dbus-next/lib/message-type.js';
import { BusFailure } from './bus-failure.js';
import { CallWindow } from './call-window.js';
import { MessageFrames } from './message-frames.js';
import type { MessageHeader } from './message-header.js';
import { ERROR, METHOD_CALL, METHOD_RETURN, SIGNAL } from './message-header.js';
import { BUS, BUS_PATH } from './systemd-names.js';

const NO_REPLY_EXPECTED = 1;
/** Callers that are answered within a second, though we offer nothing; the others run into their own deadlines. */
const REFUSALS_A_SECOND = 50;

/** A method call. `body` matches `signature`; 64-bit integers are BigInt. */
export interface BusCall {
  readonly destination: string;
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly signature?: string;
  readonly body?: readonly unknown[];
  /** Goes before others where not all can be sent at once. */
  readonly urgent?: boolean;
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
  /** Whether this sender's signals are wanted. Those of others are passed over unread. */
  readonly heeds: (sender: string) => boolean;
  readonly signal: (signal: BusSignal) => void;
  /** The connection has ended; called once, also after `close()`. */
  readonly end: (reason: string) => void;
  /** Something arrived that could not be handled; the connection goes on. */
  readonly fault: (error: unknown) => void;
}

interface PendingCall {
  readonly destination: string;
  readonly taken: ((body: readonly unknown[]) => void) | undefined;
  readonly resolve: (body: readonly unknown[]) => void;
  readonly reject: (failure: BusFailure) => void;
  timer: NodeJS.Timeout;
}

type Wire = ReturnType<typeof createConnection>;

/** An open connection to a bus. Made by {@link BusConnection.open} only. */
export class BusConnection {
  /** Messages written and read since the connection was opened. */
  readonly counts = { sent: 0, received: 0 };
  readonly #wire: Wire;
  readonly #listener: BusListener;
  readonly #pending = new Map<number, PendingCall>();
  readonly #window = new CallWindow();
  /** Sent, and without an answer so far, which may come after the deadline. */
  readonly #unanswered = new Set<number>();
  #answeredAt = 0;
  readonly #refusals = { since: 0, count: 0 };
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
   * Sends a call in this very turn, unless too many have no answer ({@link CallWindow}), and resolves with the body of
   * its reply. Rejects with a BusFailure; the deadline counts from the sending. `taken` gets the body at once, before
   * any message that came after it: promises are only settled when all that has arrived together has been handled.
   */
  call(
    { urgent = false, ...call }: BusCall,
    deadlineMs: number,
    taken?: (body: readonly unknown[]) => void,
  ): Promise<readonly unknown[]> {
    if (this.#ended) return Promise.reject(this.#lostFailure());
    const serial = this.#nextSerial();
    return new Promise((resolve, reject) => {
      let sent = false;
      const late = (): void => {
        // What waits for room behind hundreds of others is late only where nothing is answered any more.
        const left = sent ? 0 : this.#answeredAt + deadlineMs - performance.now();
        const waiting = this.#pending.get(serial);
        if (left > 0 && waiting !== undefined) {
          waiting.timer = setTimeout(late, left);
          return;
        }
        this.#pending.delete(serial);
        reject(new BusFailure('timeout', `no answer to ${call.member} within ${Math.round(deadlineMs)} ms`));
      };
      const timer = setTimeout(late, deadlineMs);
      this.#pending.set(serial, { destination: call.destination, taken, resolve, reject, timer });
      const send = (): boolean => {
        const waited = this.#pending.get(serial);
        if (waited === undefined) return false;
        clearTimeout(waited.timer);
        waited.timer = setTimeout(late, deadlineMs);
        sent = true;
        try {
          this.#send(new Message({ ...call, type: METHOD_CALL, serial }));
          this.#unanswered.add(serial);
          return true;
        } catch (cause) {
          this.#settle(serial)?.reject(new BusFailure('lost', `${call.member} could not be sent`, '', cause));
          return false;
        }
      };
      this.#window.enter({ urgent, send });
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
      this.#wire.once('connect', () => {
        this.#replaceParser();
        this.call(
          {
            destination: BUS,
            path: BUS_PATH,
            interface: BUS,
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

  /**
   * dbus-next parses inside a `readable` listener that it adds right after `connect`: what it throws there would end
   * the process, and its place in the stream would be lost. Ours is put in its place.
   */
  #replaceParser(): void {
    const { stream } = this.#wire;
    const add = stream.on.bind(stream);
    const frames = new MessageFrames(stream, {
      heed: (header) => this.#heed(header),
      message: (header, body) => this.#onMessage(header, body),
      unreadable: (error) => this.#listener.fault(error),
    });
    const read = (): void => {
      try {
        frames.read();
      } catch (error) {
        stream.destroy(error as Error);
      }
    };
    stream.on = ((event: string, listener: (...parameters: unknown[]) => void) =>
      add(event, event === 'readable' ? read : listener)) as typeof stream.on;
  }

  #onWireError(error: unknown): void {
    this.#lastError = error instanceof Error ? error : new Error(String(error));
    if (!this.#open) this.#wire.stream.destroy();
    else if (!this.#wire.stream.destroyed) this.#listener.fault(error);
  }

  /** Decides by its header whether a message is read at all. */
  #heed(header: MessageHeader): boolean {
    this.counts.received += 1;
    const { type, sender } = header;
    if (sender === undefined) return false;
    if (type === SIGNAL) return this.#open && (sender === BUS || this.#listener.heeds(sender));
    if (type === METHOD_CALL) this.#refuse(header, sender);
    if (type !== METHOD_RETURN && type !== ERROR) return false;
    if (this.#unanswered.delete(header.replySerial ?? -1)) {
      this.#answeredAt = performance.now();
      this.#window.leave();
    }
    const call = this.#pending.get(header.replySerial ?? -1);
    return call !== undefined && (sender === call.destination || sender === BUS);
  }

  #onMessage(header: MessageHeader, bytes: Buffer): void {
    try {
      const body = bodyOf(header, bytes);
      if (header.type === SIGNAL) this.#onSignal(header, body);
      else this.#onReply(header, body);
    } catch (error) {
      // Where it is the answer that cannot be read, its caller need not wait for another.
      const text = 'an answer from the message bus cannot be read';
      if (header.type !== SIGNAL)
        this.#settle(header.replySerial ?? -1)?.reject(new BusFailure('reply', text, '', error));
      this.#listener.fault(error);
    }
  }

  #onReply(header: MessageHeader, body: readonly unknown[]): void {
    const call = this.#settle(header.replySerial ?? -1);
    if (call === undefined) return;
    if (header.type === METHOD_RETURN) {
      call.resolve(body);
      call.taken?.(body);
      return;
    }
    const [text] = body;
    const name = header.errorName ?? '';
    // The bus itself answers so for a recipient that left without answering.
    const kind = name === 'org.freedesktop.DBus.Error.NoReply' ? 'lost' : 'reply';
    call.reject(new BusFailure(kind, typeof text === 'string' ? text : name, name));
  }

  #onSignal({ sender, path, interface: iface, member }: MessageHeader, body: readonly unknown[]): void {
    if (sender === undefined || path === undefined || iface === undefined || member === undefined) return;
    this.#listener.signal({ sender, path, interface: iface, member, body });
  }

  /** We offer nothing on the bus; a caller that waits is told so at once, unless there are too many. */
  #refuse({ flags, serial }: MessageHeader, destination: string): void {
    if ((flags & NO_REPLY_EXPECTED) !== 0) return;
    const now = performance.now();
    if (now - this.#refusals.since > 1000) Object.assign(this.#refusals, { since: now, count: 0 });
    this.#refusals.count += 1;
    if (this.#refusals.count > REFUSALS_A_SECOND) return;
    try {
      this.#send(
        new Message({
          type: ERROR,
          serial: this.#nextSerial(),
          replySerial: serial,
          destination,
          errorName: 'org.freedesktop.DBus.Error.UnknownMethod',
          signature: 's',
          body: ['Rovi offers no methods on this bus'],
        }),
      );
    } catch (error) {
      this.#listener.fault(error);
    }
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

/** Throws where the body is not what its signature says, or holds descriptors, which we take none of. */
function bodyOf({ signature, endian }: MessageHeader, bytes: Buffer): unknown[] {
  if (signature === '') return [];
  const body = new DBusBuffer(bytes, 0, endian, null, { ayBuffer: true }).read(signature);
  return compat.messageToJsFmt({ signature, body }).body;
}
