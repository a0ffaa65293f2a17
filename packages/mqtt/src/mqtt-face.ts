import type { ConductorApi } from '@rovi/conductor';
import type {
  FaceStatus,
  MqttEntry,
  RoviEvent,
  Snapshot,
  StackStatus,
  SupervisedService,
} from '@rovi/contract';
import type { Arrival, BrokerConnection } from './broker-connection.js';
import { BrokerLink } from './broker-link.js';
import { readDiscovery } from './discovery/discovery-message.js';
import { ExternalServices } from './discovery/external-services.js';
import { Outbox } from './outbox.js';
import type { Logger } from './rare-log.js';
import { RareLog } from './rare-log.js';
import { StackChanges } from './stack-changes.js';
import type { TopicAges } from './topic-ages.js';
import type { TopicNames } from './topics.js';
import { topicNames } from './topics.js';

/** Milliseconds between two reports of figures that change all the time: of the queue, and when others were last seen. */
const FIGURES_MS = 5_000;
/** Milliseconds that news of others are gathered: whoever floods the bus does not flood every face. */
const GATHER_MS = 200;
/** Milliseconds that retained topics are listened for which an earlier run of this gateway left behind. */
const SWEEP_MS = 10_000;
/** Milliseconds that the last messages get at the end. */
const LAST_MS = 1_500;

export interface MqttFaceOptions {
  readonly conductor: ConductorApi;
  readonly entry: MqttEntry;
  /** Told of the broker and its messages, for health probes. */
  readonly link: TopicAges;
  readonly logger: Logger;
}

/** What of the whole robot is retained, but for the time and the number of the last event. */
type Holding = Pick<Snapshot, 'active' | 'known'>;

/**
 * The MQTT face: publishes what the conductor knows, takes in what others tell of their services. The broker may be away
 * for as long as it likes; nothing waits for it.
 */
export class MqttFace {
  readonly #options: MqttFaceOptions;
  readonly #robot: string;
  readonly #bootId: string;
  readonly #clientId: string;
  readonly #topics: TopicNames;
  readonly #outbox: Outbox;
  readonly #broker: BrokerLink;
  readonly #stacks = new StackChanges();
  readonly #external = new ExternalServices();
  readonly #badDiscovery: RareLog;
  readonly #refusals: RareLog;
  readonly #changed = new Map<string, StackStatus | SupervisedService>();
  #holding: Holding = { active: null, known: false };
  #seq = 0;
  #round: NodeJS.Immediate | null = null;
  #whole = false;
  #unsubscribe: () => void = () => undefined;
  #figures: NodeJS.Timeout | null = null;
  #gathering: NodeJS.Timeout | null = null;
  #sweep: NodeJS.Timeout | null = null;
  #seen = false;
  #since = new Date().toISOString();
  #reported = '';
  #logged = '';

  constructor(options: MqttFaceOptions) {
    const { conductor, entry, logger } = options;
    this.#options = options;
    const { robot, boot_id: bootId } = conductor.snapshot();
    this.#robot = robot;
    this.#bootId = bootId;
    this.#clientId = entry.client_id ?? `rovi-${robot}`;
    this.#topics = topicNames(entry.prefix, robot);
    this.#badDiscovery = new RareLog(logger, 'discovery message not taken');
    this.#refusals = new RareLog(logger, 'broker refuses messages');
    this.#outbox = new Outbox({
      topics: this.#topics,
      limit: entry.queue,
      bootId,
      refused: (why) => this.#refusals.report(why),
    });
    const will = { robot, boot_id: bootId, online: false, reason: 'the connection was lost' };
    this.#broker = new BrokerLink({
      entry,
      clientId: this.#clientId,
      will: { topic: this.#topics.robot, payload: JSON.stringify(will) },
      properties: { robot, boot_id: bootId },
      opened: (connection) => this.#opened(connection),
      arrived: (arrival) => this.#arrived(arrival),
      lost: () => {
        this.#options.link.detach();
        this.#outbox.detach();
      },
      changed: () => {
        this.#since = new Date().toISOString();
        this.#report();
      },
    });
  }

  /** Begins to publish as soon as the broker is there. Returns at once and never throws. */
  start(): void {
    const { conductor } = this.#options;
    // What happened while the gateway came up is told too; the face comes last.
    for (const event of conductor.eventsSince(0, this.#bootId) ?? []) this.#hear(event);
    this.#unsubscribe = conductor.subscribe((event) => this.#hear(event));
    this.#show(conductor.snapshot());
    this.#figures = setInterval(() => {
      this.#report();
      if (this.#seen) this.#reportExternal();
    }, FIGURES_MS);
    this.#broker.start();
  }

  /** Says that the robot is no longer spoken for, and why, and leaves the broker: within two seconds, whatever it does. */
  async stop(reason: string): Promise<void> {
    this.#unsubscribe();
    if (this.#round !== null) clearImmediate(this.#round);
    for (const timer of [this.#figures, this.#gathering, this.#sweep])
      if (timer !== null) clearTimeout(timer);
    this.#sayRobot(`the gateway was stopped: ${reason}`);
    await this.#outbox.settle(LAST_MS);
    this.#options.link.detach();
    await this.#broker.stop();
  }

  #hear(event: RoviEvent): void {
    const { seq, at } = event;
    this.#seq = seq;
    const id = `${this.#bootId}/${String(seq)}`;
    switch (event.type) {
      case 'incident':
        this.#outbox.push({ ...event.incident, at, id });
        break;
      case 'stack':
        this.#observe(event.stack, at, id);
        this.#changed.set(this.#topics.stack(event.stack.name), event.stack);
        this.#holding = event;
        break;
      case 'service':
        this.#changed.set(this.#topics.service(event.service.name), event.service);
        break;
      case 'bus':
      case 'snapshot':
        this.#whole = true;
        break;
      case 'gateway':
        this.#holding = event;
        break;
      case 'maintenance':
      case 'external':
      case 'operation':
      case 'ticket':
      case 'face':
        return;
    }
    // Never in the conductor's own turn: its next call to systemd comes first.
    this.#round ??= setImmediate(() => this.#publishRound());
  }

  #publishRound(): void {
    this.#round = null;
    if (this.#whole) this.#show(this.#options.conductor.snapshot());
    this.#whole = false;
    for (const [topic, unit] of this.#changed) this.#sayUnit(topic, unit);
    this.#changed.clear();
    this.#sayRobot(null);
    this.#outbox.pump();
  }

  /** Everything at once; what is no longer there is cleared. */
  #show(snapshot: Snapshot): void {
    this.#changed.clear();
    const { retained } = this.#outbox;
    const topics = new Set([this.#topics.robot]);
    for (const stack of snapshot.stacks) {
      this.#observe(stack, snapshot.at, `${this.#bootId}/${String(snapshot.seq)}/${stack.name}`);
      topics.add(this.#topics.stack(stack.name));
      this.#sayUnit(this.#topics.stack(stack.name), stack);
    }
    this.#stacks.keep(new Set(snapshot.stacks.map(({ name }) => name)));
    for (const service of snapshot.services) {
      topics.add(this.#topics.service(service.name));
      this.#sayUnit(this.#topics.service(service.name), service);
    }
    for (const topic of [...retained]) if (!topics.has(topic)) retained.clear(topic);
    if (this.#external.setOwn(new Set(snapshot.services.map(({ name }) => name)))) this.#reportExternal();
    this.#holding = snapshot;
    this.#seq = snapshot.seq;
    this.#sayRobot(null);
  }

  #observe(stack: StackStatus, at: string, id: string): void {
    const change = this.#stacks.observe(stack);
    if (change !== null) this.#outbox.push({ ...change, at, id });
  }

  #sayUnit(topic: string, unit: StackStatus | SupervisedService): void {
    this.#outbox.retained.put(topic, JSON.stringify(unit), JSON.stringify(unit, withoutLooks));
  }

  /** `gone` is why nobody speaks for it any more; null while this gateway does. */
  #sayRobot(gone: string | null): void {
    const { active, known } = this.#holding;
    const online = gone === null;
    const state = {
      robot: this.#robot,
      boot_id: this.#bootId,
      seq: this.#seq,
      active,
      known,
      online,
      ...(gone === null ? {} : { reason: gone }),
      at: new Date().toISOString(),
    };
    const key = JSON.stringify([active, known, gone]);
    this.#outbox.retained.put(this.#topics.robot, JSON.stringify(state), key);
  }

  #opened(connection: BrokerConnection): void {
    const refused = (what: string) => (why: string) =>
      this.#refusals.report(`subscription to ${what}: ${why}`);
    const { discovery } = this.#topics;
    if (this.#options.entry.discovery) {
      connection.subscribe({ topic: discovery, qos: 1, retained: true }, refused(discovery));
    }
    this.#options.link.attach((topic) => {
      if (topic === discovery && this.#options.entry.discovery) return;
      connection.subscribe({ topic, qos: 0, retained: false }, refused(topic));
    });
    const left = [this.#topics.service('+'), this.#topics.stack('+')];
    for (const topic of left) connection.subscribe({ topic, qos: 0, retained: true }, refused(topic));
    if (this.#sweep !== null) clearTimeout(this.#sweep);
    this.#sweep = setTimeout(() => connection.unsubscribe(left), SWEEP_MS);
    this.#outbox.attach(connection);
  }

  #arrived({ topic, payload, retained, robot }: Arrival): void {
    this.#options.link.arrived(topic, retained);
    if (topic === this.#topics.discovery && this.#options.entry.discovery) this.#discover(payload);
    const ours = [this.#topics.service(''), this.#topics.stack('')].some((start) => topic.startsWith(start));
    if (!ours || !retained || payload.length === 0 || robot !== this.#robot) return;
    if ([...this.#outbox.retained].includes(topic)) return;
    this.#outbox.retained.clear(topic);
    this.#outbox.pump();
  }

  #discover(payload: Buffer): void {
    const event = readDiscovery(payload);
    if (typeof event === 'string') {
      this.#badDiscovery.report(event);
      return;
    }
    const folded = this.#external.take(event, new Date().toISOString());
    if (folded === 'full') this.#badDiscovery.report('there is no room for one more service of others');
    if (folded === 'seen') this.#seen = true;
    if (folded === 'news') this.#gathering ??= setTimeout(() => this.#reportExternal(), GATHER_MS);
  }

  #reportExternal(): void {
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    this.#gathering = null;
    this.#seen = false;
    this.#options.conductor.reportExternal(this.#external.list);
  }

  #report(): void {
    const { state, text, mend } = this.#broker.state;
    const { queued, dropped, refused } = this.#outbox.counts;
    const status: FaceStatus = {
      name: 'mqtt',
      state,
      text,
      mend,
      since: this.#since,
      pid: null,
      restarts: this.#broker.losses,
      detail: {
        broker: this.#options.entry.broker,
        client_id: this.#clientId,
        queued: String(queued),
        dropped: String(dropped),
        ...(refused === 0 ? {} : { refused: String(refused) }),
      },
    };
    const shown = JSON.stringify(status);
    if (shown === this.#reported) return;
    this.#reported = shown;
    const said = `${state} ${text}`;
    if (said !== this.#logged) this.#options.logger.info({ face: 'mqtt', state, text }, 'MQTT face changed');
    this.#logged = said;
    this.#options.conductor.reportFace(status);
  }
}

/** Leaves out what differs from look to look while nothing has changed. */
function withoutLooks(key: string, value: unknown): unknown {
  return key === 'as_of' || key === 'last' || key === 'streak' ? undefined : value;
}
