import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { MqttClient, ReasonCodes } from 'mqtt';
import type { IClientOptions } from 'mqtt';
import type { BrokerAddress } from './broker-address.js';
import type { ConnectionFault } from './connection-fault.js';
import { closedFault, faultOf, reasonFault } from './connection-fault.js';
import type { Credentials } from './credentials.js';
import type { Answer, Publication } from './publication.js';

/** Milliseconds until the broker must have let us in, and until it must have answered a publication. */
const CONNECT_MS = 10_000;
const ANSWER_MS = 30_000;
/** Milliseconds a connection may take to end in order. */
const CLOSE_MS = 500;
/** Bytes of the largest packet that the broker may send; it drops larger ones. */
const LARGEST_PACKET = 1_048_576;
/** Bytes that topic, header and properties of a publication take at most, in round numbers. */
const OVERHEAD = 1_024;
/** Seconds for which the broker keeps messages of discovery while the connection is lost. */
const SESSION_S = 3_600;
/** Reason codes of a PUBACK that may be another next time: unspecified, implementation, busy, too many, rate, quota. */
const LATER = new Set([0x80, 0x83, 0x89, 0x93, 0x96, 0x97]);

/** A message that a subscription brought. */
export interface Arrival {
  readonly topic: string;
  readonly payload: Buffer;
  /** It was kept by the broker from before the subscription. */
  readonly retained: boolean;
  /** The user property `robot`: whose it is, where it is one of Rovi's. */
  readonly robot: string | null;
  /** Seconds that the broker would still have kept it; null where it keeps it for good. */
  readonly expiry: number | null;
  /** Where an answer is asked for, and what it has to carry. */
  readonly responseTopic: string | null;
  readonly correlation: Buffer | null;
}

export interface Subscription {
  readonly topic: string;
  readonly qos: 0 | 1;
  /** Whether what the broker has retained is wanted too. */
  readonly retained: boolean;
}

/** What the broker says for a connection that has ended, retained. */
export interface Will {
  readonly topic: string;
  readonly payload: string;
  /** Seconds that the broker keeps it; without it for good. */
  readonly expiry?: number;
}

export interface ConnectionOptions {
  readonly address: BrokerAddress;
  readonly credentials: Credentials;
  readonly clientId: string;
  /** Seconds. */
  readonly keepalive: number;
  /** Said by the broker, retained, when this connection ends otherwise than by {@link BrokerConnection.close}. */
  readonly will?: Will;
  /** True: the broker keeps nothing for it while the connection is lost. Default false. */
  readonly clean?: boolean;
  /** Told along with every publication, as user properties. */
  readonly properties: Readonly<Record<string, string>>;
  readonly opened: () => void;
  readonly arrived: (arrival: Arrival) => void;
  /** It has ended, or never began; told once, and nothing after it. Not told after {@link BrokerConnection.close}. */
  readonly closed: (fault: ConnectionFault) => void;
}

interface Pending {
  readonly publication: Publication;
  readonly answered: (answer: Answer) => void;
}

/**
 * One connection to the broker, from its attempt to its end: never used again. MQTT.js is told not to reconnect and has
 * nothing to store, so that what is sent again is decided in one place alone, the face's own queue.
 */
export class BrokerConnection {
  readonly #options: ConnectionOptions;
  #client: MqttClient | null = null;
  #over = false;
  /** What the socket or the broker said last, where the library tells of an end only. */
  #fault: ConnectionFault | null = null;
  #unanswered = 0;
  #receiveMaximum = 65_535;
  #maximumPacketSize = Infinity;
  readonly #held: Pending[] = [];
  readonly #deadlines = new Set<NodeJS.Timeout>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /** Begins the attempt. Never throws: what fails is told by `closed`. */
  start(): void {
    const { clientId, credentials, keepalive, will, clean = false } = this.#options;
    try {
      const client = new MqttClient(() => this.#open(), {
        protocolVersion: 5,
        clientId,
        ...(credentials.username === undefined ? {} : { username: credentials.username }),
        ...(credentials.password === undefined ? {} : { password: credentials.password }),
        keepalive,
        // What others told while the connection was lost is kept by the broker, and comes first.
        clean,
        reconnectPeriod: 0,
        connectTimeout: CONNECT_MS,
        queueQoSZero: false,
        resubscribe: false,
        timerVariant: 'native',
        ...(will === undefined ? {} : { will: this.#testament(will) }),
        properties: {
          sessionExpiryInterval: clean ? 0 : SESSION_S,
          receiveMaximum: 20,
          maximumPacketSize: LARGEST_PACKET,
        },
      });
      this.#client = client;
      client.on('error', (error) => this.#end(this.#faultOf(error)));
      client.on('close', () => this.#end(this.#fault ?? closedFault(this.#options.address)));
      client.on('disconnect', ({ reasonCode = 0x80 }) => {
        this.#fault = reasonFault(reasonCode, ReasonCodes[reasonCode as keyof typeof ReasonCodes] ?? '');
      });
      client.on('connect', ({ properties: limits }) => {
        if (this.#over) return;
        this.#receiveMaximum = limits?.receiveMaximum ?? this.#receiveMaximum;
        this.#maximumPacketSize = limits?.maximumPacketSize ?? this.#maximumPacketSize;
        this.#options.opened();
      });
      client.on('message', (topic, payload, { retain, properties: told }) => {
        if (this.#over) return;
        const robot = told?.userProperties?.['robot'];
        this.#options.arrived({
          topic,
          payload,
          retained: retain,
          robot: typeof robot === 'string' ? robot : null,
          expiry: told?.messageExpiryInterval ?? null,
          responseTopic: told?.responseTopic ?? null,
          correlation: told?.correlationData ?? null,
        });
      });
    } catch (error) {
      setImmediate(() => this.#end(this.#faultOf(error)));
    }
  }

  /** Sends with QoS 1, in the order of calls. `answered` is not called where the connection ends before the answer. */
  publish(publication: Publication, answered: (answer: Answer) => void): void {
    if (this.#over) return;
    const { payload, correlation } = publication;
    // What an answer has to carry is as long as who asked wants it.
    const size = Buffer.byteLength(payload) + (correlation?.length ?? 0) + OVERHEAD;
    if (size > this.#maximumPacketSize) {
      answered({ kind: 'refused', text: 'it is larger than the broker takes' });
      return;
    }
    this.#held.push({ publication, answered });
    this.#send();
  }

  /** Subscribes; `refused` is told why where the broker does not let us. */
  subscribe({ topic, qos, retained }: Subscription, refused: (text: string) => void): void {
    // `nl`: what we publish ourselves does not come back.
    this.#client?.subscribe(topic, { qos, nl: true, rap: false, rh: retained ? 0 : 2 }, (error) => {
      if (error !== null && !this.#over) refused(error.message);
    });
  }

  unsubscribe(topics: readonly string[]): void {
    if (!this.#over) this.#client?.unsubscribe([...topics], () => undefined);
  }

  /** Ends it in order, which the broker does not take for a death; cut off after half a second. Never rejects. */
  async close(): Promise<void> {
    const client = this.#client;
    if (this.#over || client === null) return;
    this.#finish();
    await new Promise<void>((resolve) => {
      const deadline = setTimeout(resolve, CLOSE_MS);
      client.end(false, { reasonCode: 0, properties: { sessionExpiryInterval: 0 } }, () => {
        clearTimeout(deadline);
        resolve();
      });
    });
    client.stream.destroy();
  }

  #testament({ topic, payload, expiry }: Will): NonNullable<IClientOptions['will']> {
    return {
      topic,
      payload: Buffer.from(payload),
      qos: 1,
      retain: true,
      properties: {
        willDelayInterval: 0,
        contentType: 'application/json',
        payloadFormatIndicator: true,
        userProperties: { ...this.#options.properties },
        ...(expiry === undefined ? {} : { messageExpiryInterval: expiry }),
      },
    };
  }

  /** MQTT 5: no more unanswered publications than the broker said it takes. */
  #send(): void {
    while (!this.#over && this.#unanswered < this.#receiveMaximum) {
      const next = this.#held.shift();
      if (next === undefined) return;
      this.#unanswered += 1;
      this.#sendOne(next);
    }
  }

  #sendOne({ publication, answered }: Pending): void {
    const { topic, payload, retain, dup, expiry, responseTopic, correlation } = publication;
    const deadline = setTimeout(() => {
      const seconds = String(ANSWER_MS / 1000);
      this.#end(this.#faultOf(new Error(`a message was not acknowledged within ${seconds} s`)));
    }, ANSWER_MS);
    this.#deadlines.add(deadline);
    const properties = {
      contentType: 'application/json',
      payloadFormatIndicator: true,
      userProperties: { ...this.#options.properties },
      ...(expiry === null ? {} : { messageExpiryInterval: expiry }),
      ...(responseTopic === undefined ? {} : { responseTopic }),
      ...(correlation === undefined ? {} : { correlationData: correlation }),
    };
    this.#client?.publish(topic, payload, { qos: 1, retain, dup, properties }, (error) => {
      clearTimeout(deadline);
      this.#deadlines.delete(deadline);
      if (this.#over) return;
      const code = (error as { code?: unknown } | undefined)?.code;
      // Without a code it is the library that says so, about a connection that ends: no answer of the broker.
      if (error && typeof code !== 'number') return;
      this.#unanswered -= 1;
      answered(
        error && typeof code === 'number'
          ? { kind: LATER.has(code) ? 'later' : 'refused', text: error.message }
          : { kind: 'taken' },
      );
      this.#send();
    });
  }

  #open(): Socket {
    const { address, credentials } = this.#options;
    const { host, port } = address;
    const { ca, cert, key } = credentials;
    const socket = address.tls
      ? connectTls({
          host,
          port,
          ...(isIP(host) === 0 ? { servername: host } : {}),
          ...(ca === undefined ? {} : { ca }),
          ...(cert === undefined ? {} : { cert }),
          ...(key === undefined ? {} : { key }),
        })
      : connectTcp({ host, port });
    // The library passes on only some of them.
    socket.on('error', (error) => (this.#fault ??= this.#faultOf(error)));
    return socket;
  }

  #faultOf(error: unknown): ConnectionFault {
    const silent = error instanceof Error && error.message === 'connack timeout';
    const seconds = String(CONNECT_MS / 1000);
    return faultOf(silent ? new Error(`no answer within ${seconds} s`) : error, this.#options.address);
  }

  #end(fault: ConnectionFault): void {
    if (this.#over) return;
    this.#finish();
    this.#client?.end(true);
    this.#client?.stream.destroy();
    this.#options.closed(fault);
  }

  #finish(): void {
    this.#over = true;
    this.#held.length = 0;
    for (const deadline of this.#deadlines) clearTimeout(deadline);
    this.#deadlines.clear();
  }
}
