/**
 * The line to systemd: connects to the bus, finds systemd on it, and comes back after either has gone away.
 *
 * - A session begins when systemd has a unique name on an open bus, `Subscribe()` is done and the listener has read
 *   all it wants to know (`ready`). It ends when the bus closes the connection, or when systemd's name changes hands:
 *   `daemon-reexec` gives systemd a new unique name.
 * - Calls go to that unique name and signals are taken from it alone: anyone may send a signal straight to us, past
 *   our match rules.
 * - Two match rules per connection, and a connection is closed with them: nothing is left behind.
 */
import { socketAddress } from './bus-address.js';
import type { BusCall, BusSignal } from './bus-connection.js';
import { BusConnection } from './bus-connection.js';
import { BusFailure } from './bus-failure.js';
import { FaultLog } from './fault-log.js';
import type { Logger } from './logger.js';
import { reconnectDelay } from './reconnect-delay.js';
import { BUS, BUS_PATH, MANAGER, MANAGER_PATH, PEER, SYSTEMD } from './systemd-names.js';

/** Milliseconds for connecting, and for each call that sets a session up. */
const SETUP_MS = 5_000;

const matchRules = [
  `type='signal',sender='${BUS}',interface='${BUS}',member='NameOwnerChanged',arg0='${SYSTEMD}'`,
  `type='signal',sender='${SYSTEMD}',path_namespace='${MANAGER_PATH}'`,
];

export interface SystemdLinkListener {
  /** Systemd can be called and its signals are coming: read what you need. A rejection ends the connection. */
  readonly ready: () => Promise<void>;
  /** The session, or the attempt to begin one, came to nothing. Told once per change of reason. */
  readonly lost: (reason: string) => void;
  /** A signal from systemd itself, in the order sent; also while `ready` is still at work. */
  readonly signal: (signal: BusSignal) => void;
}

export interface SystemdLinkOptions {
  readonly address: string;
  readonly logger: Logger;
  readonly listener: SystemdLinkListener;
}

/** The line itself; see above. Reconnects by itself from `start` until `stop`. */
export class SystemdLink {
  readonly #options: SystemdLinkOptions;
  readonly #faults: FaultLog;
  #connection: BusConnection | null = null;
  #owner: string | null = null;
  #attempt = 0;
  #retry: NodeJS.Timeout | null = null;
  #running = false;
  #lastReason: string | null = null;
  /** True once the bus has told of systemd's name on this connection: then an earlier answer is out of date. */
  #ownerTold = false;

  constructor(options: SystemdLinkOptions) {
    this.#options = options;
    this.#faults = new FaultLog(options.logger, 'a message from the bus could not be handled');
  }

  /** Messages sent and received on the present connection. */
  get counts(): { readonly sent: number; readonly received: number } {
    return this.#connection?.counts ?? { sent: 0, received: 0 };
  }

  /** Why nothing can be sent now; null where it can. */
  get unavailable(): string | null {
    return this.#owner === null ? (this.#lastReason ?? 'not connected yet') : null;
  }

  /** Begins; resolves when the first attempt has ended, whatever came of it. */
  async start(): Promise<void> {
    this.#running = true;
    await this.#connect();
  }

  /** Ends the connection and all attempts. Nothing is told afterwards. */
  stop(): void {
    this.#running = false;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#owner = null;
    this.#lastReason = 'stopped';
    this.#connection?.close();
    this.#connection = null;
  }

  /** Sends a call to systemd in this very turn; resolves with the reply's body, rejects with a BusFailure. */
  async call(
    call: Omit<BusCall, 'destination'>,
    deadlineMs: number,
    taken?: (body: readonly unknown[]) => void,
  ): Promise<readonly unknown[]> {
    const owner = this.#owner;
    if (this.#connection === null || owner === null) {
      throw new BusFailure('unavailable', this.unavailable ?? 'not connected');
    }
    try {
      return await this.#connection.call({ ...call, destination: owner }, deadlineMs, taken);
    } catch (failure) {
      // systemd has left, and the news of that is on its way.
      if (
        failure instanceof BusFailure &&
        failure.kind === 'reply' &&
        failure.message.includes(`${owner} `)
      ) {
        throw new BusFailure('lost', failure.message, failure.errorName, failure);
      }
      throw failure;
    }
  }

  /**
   * Asks systemd for a sign of life. Where none comes in time, bus or systemd hang, and the connection counts as lost:
   * what was known before is not to be shown as if it were so now.
   */
  async confirm(deadlineMs: number): Promise<void> {
    const connection = this.#connection;
    try {
      await this.call({ path: MANAGER_PATH, interface: PEER, member: 'Ping' }, deadlineMs);
    } catch (failure) {
      if (connection === null || !(failure instanceof BusFailure) || failure.kind !== 'timeout') return;
      const seconds = Math.round(deadlineMs / 1000);
      this.#fail(connection, new Error(`systemd did not answer on the message bus within ${seconds} s`));
    }
  }

  /** Whether somebody on the bus has this well-known name now. Rejects with a BusFailure. */
  async hasOwner(name: string): Promise<boolean> {
    if (this.#connection === null) throw new BusFailure('unavailable', this.unavailable ?? 'not connected');
    return (await this.#askBus(this.#connection, 'NameHasOwner', name))[0] === true;
  }

  async #connect(): Promise<void> {
    const { address } = this.#options;
    let opened: BusConnection | null = null;
    try {
      const connection = await BusConnection.open(
        socketAddress(address),
        {
          signal: (signal) => this.#onSignal(connection, signal),
          end: (reason) => this.#onEnd(connection, reason),
          heeds: (sender) => connection === this.#connection && sender === this.#owner,
          fault: (error) => this.#faults.report(error),
        },
        SETUP_MS,
      );
      opened = connection;
      if (!this.#running) return connection.close();
      this.#connection = connection;
      this.#ownerTold = false;
      const rules = matchRules.map((rule) => this.#askBus(connection, 'AddMatch', rule));
      const owner = this.#askBus(connection, 'GetNameOwner', SYSTEMD).then(
        ([name]) => String(name),
        (failure: unknown) => {
          if (failure instanceof BusFailure && failure.kind === 'reply') return null;
          throw failure;
        },
      );
      await Promise.all([...rules, owner]);
      const name = await owner;
      if (this.#ownerTold) return;
      if (name === null) this.#lose('systemd is not on the message bus');
      else if (this.#connection === connection) await this.#adopt(connection, name);
    } catch (error) {
      this.#fail(opened, error);
    }
  }

  /** Begins a session with the systemd that has this unique name. Never rejects. */
  async #adopt(connection: BusConnection, owner: string): Promise<void> {
    if (this.#owner === owner) return;
    this.#owner = owner;
    try {
      await this.call({ path: MANAGER_PATH, interface: MANAGER, member: 'Subscribe' }, SETUP_MS).catch(
        (failure: unknown) => {
          const already = failure instanceof BusFailure && failure.errorName.endsWith('.AlreadySubscribed');
          if (!already) throw failure;
        },
      );
      if (this.#owner !== owner) return;
      await this.#options.listener.ready();
      if (this.#owner !== owner) return;
      this.#attempt = 0;
      this.#lastReason = null;
    } catch (error) {
      // A session whose systemd has left meanwhile was ended by that; a new owner will be announced.
      if (this.#owner === owner) this.#fail(connection, error);
    }
  }

  #onSignal(connection: BusConnection, signal: BusSignal): void {
    if (connection !== this.#connection) return;
    if (signal.sender === BUS) {
      if (signal.member === 'NameOwnerChanged' && signal.body[0] === SYSTEMD) {
        const owner = String(signal.body[2]);
        this.#ownerTold = true;
        if (owner !== this.#owner) this.#lose('systemd left the message bus');
        if (owner !== '') void this.#adopt(connection, owner);
      }
      return;
    }
    if (signal.sender === this.#owner) this.#options.listener.signal(signal);
  }

  #onEnd(connection: BusConnection, reason: string): void {
    if (connection !== this.#connection) return;
    this.#connection = null;
    this.#lose(reason);
    this.#retryLater();
  }

  /** An attempt failed: let the connection go and try anew. */
  #fail(connection: BusConnection | null, error: unknown): void {
    if (!this.#running || (connection !== null && connection !== this.#connection)) return;
    this.#connection = null;
    connection?.close();
    this.#lose(error instanceof Error ? error.message : String(error));
    this.#retryLater();
  }

  #lose(reason: string): void {
    this.#owner = null;
    if (!this.#running || this.#lastReason === reason) return;
    this.#lastReason = reason;
    this.#options.listener.lost(reason);
  }

  #retryLater(): void {
    if (!this.#running || this.#retry !== null) return;
    const delay = reconnectDelay(this.#attempt, Math.random());
    this.#attempt += 1;
    this.#retry = setTimeout(() => {
      this.#retry = null;
      void this.#connect();
    }, delay);
  }

  #askBus(connection: BusConnection, member: string, argument: string): Promise<readonly unknown[]> {
    return connection.call(
      { destination: BUS, path: BUS_PATH, interface: BUS, member, signature: 's', body: [argument] },
      SETUP_MS,
    );
  }
}
