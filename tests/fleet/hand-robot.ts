import { createPublicKey, verify } from 'node:crypto';
import { fleetEnvelopeSchema, fleetRequestSchema, fleetSigned } from '@rovi/contract';
import type { FleetReply, FleetReport, FleetRequest, Impact, Operation } from '@rovi/contract';
import { connectAsync } from 'mqtt';
import type { MqttClient } from 'mqtt';

/** Seconds that robots ask a broker to keep what they say. */
export const KEPT_S = 2_592_000;

/** A request as the robot had it. */
export interface Requested {
  readonly request: FleetRequest;
  readonly signed: boolean;
  readonly responseTopic: string;
  readonly correlation: Buffer | undefined;
  readonly expiry: number | undefined;
}

/** A reply, but for what every one has. */
export type Said<Reply = FleetReply> = Reply extends FleetReply
  ? Omit<Reply, 'v' | 'robot' | 'id'> & { readonly id?: string; readonly robot?: string }
  : never;

/** What a robot by hand does with a request; nothing where it says nothing. */
export type Manner = (requested: Requested, robot: HandRobot) => void | Promise<void>;

/** A robot that speaks the fleet's protocol by hand: it does what a test wants of it, also what no robot should. */
export class HandRobot {
  readonly name: string;
  readonly requests: Requested[] = [];
  bootId: string;
  manner: Manner;
  #heartbeat: number;
  #client: MqttClient | null = null;
  readonly #url: string;
  readonly #prefix = 'fleet';

  constructor(url: string, name: string, options: { heartbeat?: number; manner?: Manner } = {}) {
    this.#url = url;
    this.name = name;
    this.bootId = `${name}-1`;
    // It says nothing by itself: no test shall be a race with how fast it goes stale.
    this.#heartbeat = options.heartbeat ?? 3_600;
    this.manner = options.manner ?? obedient;
  }

  /** Connects, says that it is there, and how it is. */
  async up(report: Partial<FleetReport> = {}): Promise<this> {
    this.#client = await connectAsync(this.#url, {
      protocolVersion: 5,
      clientId: `rovi-${this.name}-fleet`,
      clean: true,
      reconnectPeriod: 0,
      will: {
        topic: this.topic('link'),
        payload: Buffer.from(JSON.stringify(this.linkOf(false, 'the connection was lost'))),
        retain: true,
        qos: 1,
      },
    });
    this.#client.on('error', () => undefined);
    this.#client.on('message', (_topic, payload, { properties }) => {
      const envelope = fleetEnvelopeSchema.parse(JSON.parse(payload.toString()));
      const requested: Requested = {
        request: fleetRequestSchema.parse(JSON.parse(envelope.body)),
        signed: isSigned(envelope),
        responseTopic: properties?.responseTopic ?? '',
        correlation: properties?.correlationData,
        expiry: properties?.messageExpiryInterval,
      };
      this.requests.push(requested);
      void this.manner(requested, this);
    });
    await this.#client.subscribeAsync(this.topic('request'), { qos: 1 });
    await this.publish('link', this.linkOf(true));
    await this.report(report);
    return this;
  }

  topic(kind: string): string {
    return `${this.#prefix}/${this.name}/${kind}`;
  }

  linkOf(online: boolean, reason = ''): object {
    return { v: 1, robot: this.name, boot_id: this.bootId, online, reason };
  }

  reportOf(more: Partial<FleetReport> = {}): FleetReport {
    return {
      v: 1,
      robot: this.name,
      boot_id: this.bootId,
      version: '1.2.3',
      at: new Date().toISOString(),
      heartbeat_s: this.#heartbeat,
      kept_s: KEPT_S,
      level: 'ok',
      text: 'no stack is active',
      active: null,
      known: true,
      estop: false,
      maintenance: false,
      stacks: [{ name: 'nav', state: 'STOPPED', level: 'ok' }],
      services: [],
      cut: false,
      commands: true,
      ...more,
    };
  }

  report(more: Partial<FleetReport> = {}): Promise<void> {
    return this.publish('state', this.reportOf(more));
  }

  /** Says it, retained, at one of its topics; a string as it is. */
  async publish(kind: 'state' | 'link', what: object | string): Promise<void> {
    await this.#client?.publishAsync(
      this.topic(kind),
      typeof what === 'string' ? what : JSON.stringify(what),
      {
        qos: 1,
        retain: true,
        properties: kind === 'state' && what !== '' ? { messageExpiryInterval: KEPT_S } : {},
      },
    );
  }

  /** Answers; `elsewhere` is where and how no robot should. */
  async say(
    { request, responseTopic, correlation }: Requested,
    said: Said,
    elsewhere: { topic?: string; correlation?: Buffer } = {},
  ): Promise<void> {
    const data = elsewhere.correlation ?? correlation;
    await this.#client?.publishAsync(
      elsewhere.topic ?? responseTopic,
      JSON.stringify({ v: 1, robot: this.name, id: request.id, ...said }),
      { qos: 1, properties: data === undefined ? {} : { correlationData: data } },
    );
  }

  /** The last request of this kind. */
  last(kind: FleetRequest['kind']): Requested | undefined {
    return this.requests.findLast(({ request }) => request.kind === kind);
  }

  count(kind: FleetRequest['kind']): number {
    return this.requests.filter(({ request }) => request.kind === kind).length;
  }

  /** Goes without a word: the broker says its will. */
  async cut(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client === null) return;
    const closed = new Promise<void>((resolve) => client.once('close', resolve));
    if (client.connected) {
      client.stream.destroy();
      await closed;
    }
    await client.endAsync(true);
  }
}

/** Does at once, and well, what it is asked for. */
export const obedient: Manner = async (requested, robot) => {
  const { request } = requested;
  if (request.kind === 'ask') {
    await robot.say(requested, { kind: 'offer', offer: OFFER, offer_ms: request.offer_ms, impact: IMPACT });
  }
  if (request.kind === 'do') {
    await robot.say(requested, { kind: 'accepted', operation: operationOf('running') });
    await robot.say(requested, { kind: 'ended', operation: operationOf('succeeded') });
  }
};

export const OFFER = 'an-offer-of-24-bytes-or-so';

export const IMPACT: Impact = {
  command: 'start',
  stack: 'nav',
  service: null,
  at: '2026-01-02T03:04:05.000Z',
  affects: [],
  waves: [],
  confirm: false,
  beyond: [],
  refusal: null,
  text: 'nothing changes',
  token: 'token-1',
};

export function operationOf(outcome: Operation['outcome'], id = 'operation-1'): Operation {
  return {
    id,
    kind: 'start',
    stack: 'nav',
    service: null,
    from: null,
    actor: { name: 'tester', face: 'mqtt', verified: true },
    reason: '',
    outcome,
    changed: true,
    message: outcome === 'running' ? 'starting nav' : 'nav runs',
    problem:
      outcome === 'failed' ? { code: 'start-failed', message: 'it fell', mend: '', context: {} } : null,
    warnings: [],
    steps: [],
    started_at: '2026-01-02T03:04:05.000Z',
    ended_at: null,
    duration_ms: null,
  };
}

/** By hand too, so that what the console signs is held against the words of the decision. */
function isSigned({ body, key, signature }: { body: string; key: string; signature: string }): boolean {
  const der = Buffer.concat([
    Buffer.from('302a300506032b6570032100', 'hex'),
    Buffer.from(key.slice('ed25519:'.length), 'base64'),
  ]);
  const known = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return verify(null, Buffer.from(fleetSigned(body)), known, Buffer.from(signature, 'base64'));
}
