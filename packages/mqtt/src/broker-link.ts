import type { FaceStatus, MqttEntry } from '@rovi/contract';
import { brokerAddress } from './broker-address.js';
import type { Arrival, BrokerConnection, Will } from './broker-connection.js';
import type { ConnectionFault } from './connection-fault.js';
import { faultOf } from './connection-fault.js';
import { readCredentials } from './credentials.js';
import { reconnectDelay } from './reconnect-delay.js';

/** Milliseconds a connection must have lasted for the next failure to count as the first. */
const LASTING_MS = 10_000;

export interface BrokerLinkOptions {
  readonly entry: MqttEntry;
  readonly clientId: string;
  /** Without it nobody is told that the connection has ended. */
  readonly will?: Will;
  /** True: the broker keeps nothing for it while the connection is lost. */
  readonly clean?: boolean;
  readonly properties: Readonly<Record<string, string>>;
  readonly opened: (connection: BrokerConnection) => void;
  readonly arrived: (arrival: Arrival) => void;
  readonly lost: () => void;
  /** Its state is another, or is said otherwise. */
  readonly changed: () => void;
}

/** How the link stands, for the face's status. */
export type LinkState = Pick<FaceStatus, 'state' | 'text' | 'mend'>;

/** Keeps a connection to the broker: one attempt after another, each later than the one before, until it is stopped. */
export class BrokerLink {
  readonly #options: BrokerLinkOptions;
  #state: LinkState = { state: 'starting', text: 'not started yet', mend: '' };
  #connection: BrokerConnection | null = null;
  #openedAt: number | null = null;
  #failures = 0;
  #losses = 0;
  #retry: NodeJS.Timeout | null = null;
  #stopped = false;

  constructor(options: BrokerLinkOptions) {
    this.#options = options;
  }

  get state(): LinkState {
    return this.#state;
  }

  /** Connections that were lost. */
  get losses(): number {
    return this.#losses;
  }

  /** The connection, while the broker has let us in. */
  get connection(): BrokerConnection | null {
    return this.#openedAt === null ? null : this.#connection;
  }

  /** Begins to try. Returns at once and never throws. */
  start(): void {
    this.#set({ state: 'starting', text: `connecting to ${this.#options.entry.broker}`, mend: '' });
    void this.#attempt();
  }

  /** Tries no more, and leaves the broker in order. Takes half a second at most. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#openedAt = null;
    await this.#connection?.close();
  }

  async #attempt(): Promise<void> {
    const { entry, clientId, will, properties, arrived, clean = false } = this.#options;
    const address = brokerAddress(entry.broker);
    try {
      const credentials = await readCredentials(entry);
      // MQTT.js takes megabytes: loaded only where there is a broker.
      const connections = await import('./broker-connection.js');
      if (this.#stopped) return;
      this.#connection = new connections.BrokerConnection({
        address,
        credentials,
        clientId,
        keepalive: entry.keepalive,
        ...(will === undefined ? {} : { will }),
        clean,
        properties,
        opened: () => this.#opened(),
        arrived,
        closed: (fault) => this.#closed(fault),
      });
      this.#connection.start();
    } catch (error) {
      this.#closed(faultOf(error, address));
    }
  }

  #opened(): void {
    this.#openedAt = performance.now();
    this.#set({ state: 'on', text: `connected to ${this.#options.entry.broker}`, mend: '' });
    if (this.#connection !== null) this.#options.opened(this.#connection);
  }

  #closed({ text, mend }: ConnectionFault): void {
    if (this.#stopped) return;
    const openedAt = this.#openedAt;
    this.#connection = null;
    this.#openedAt = null;
    if (openedAt !== null) {
      this.#losses += 1;
      if (performance.now() - openedAt > LASTING_MS) this.#failures = 0;
      this.#options.lost();
    }
    this.#failures += 1;
    this.#set({ state: 'failing', text, mend });
    this.#retry = setTimeout(() => void this.#attempt(), reconnectDelay(this.#failures, Math.random()));
  }

  #set(state: LinkState): void {
    const before = this.#state;
    this.#state = state;
    if (before.state !== state.state || before.text !== state.text) this.#options.changed();
  }
}
