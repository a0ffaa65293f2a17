import type { ConductorApi, RosControl } from '@rovi/conductor';
import type {
  FaceStatus,
  RosProbe,
  RosProbeResult,
  RosStatus,
  RoviEvent,
  Snapshot,
  StackStatus,
} from '@rovi/contract';
import type { FacePolicy, TopicNames } from './face-spec.js';
import { faceSpec, topicNames } from './face-spec.js';
import { diagnosticsOf } from './messages/diagnostics.js';
import { lastWords } from './messages/last-words.js';
import { stampOf } from './messages/stamp.js';
import { statusFieldsOf } from './messages/status-fields.js';
import { stackStatesOf } from './messages/typed.js';
import { stackValues, unitValues } from './messages/unit-values.js';
import type { RosMessage, RosSpec, RosTransport, TransportStatus } from './ros-transport.js';
import { ServiceCalls } from './service-calls.js';
import { UnitUsage } from './unit-usage.js';

/** Milliseconds between two periodic diagnostics. */
const PERIOD_MS = 1_000;
/** The least milliseconds between two rounds of state, and how many times a round's own cost they are at least. */
const ROUND_MS = 20;
const ROUND_SHARE = 10;

export interface RosFaceOptions {
  readonly conductor: ConductorApi;
  readonly transport: RosTransport;
  readonly policy: FacePolicy;
  readonly logger: { info(fields: object, message: string): void };
}

/**
 * The ROS face: publishes what the conductor knows and hands it what ROS asks for. It keeps no state of its own but
 * what it published last, so that latched topics carry only news.
 */
export class RosFace implements RosControl {
  readonly #options: RosFaceOptions;
  readonly #spec: RosSpec;
  readonly #names: TopicNames;
  readonly #calls: ServiceCalls;
  readonly #usage: UnitUsage;
  readonly #published = new Map<string, string>();
  #status: FaceStatus;
  #unsubscribe: () => void = () => undefined;
  #period: NodeJS.Timeout | null = null;
  #round: NodeJS.Timeout | NodeJS.Immediate | null = null;
  /** Stacks that have changed, and whose single values are about to be published. */
  readonly #changed = new Map<string, StackStatus>();
  #changes: NodeJS.Immediate | null = null;
  #roundAllowedAt = 0;
  #unitsChanged = false;
  #encode: ((fields: ReturnType<typeof statusFieldsOf>) => Uint8Array) | null = null;

  constructor(options: RosFaceOptions) {
    this.#options = options;
    this.#spec = faceSpec(options.policy);
    this.#names = topicNames(options.policy.ros.namespace);
    this.#calls = new ServiceCalls(options.conductor, options.policy);
    this.#usage = new UnitUsage(options.conductor);
    this.#status = statusOf({
      state: 'starting',
      text: 'not started yet',
      mend: '',
      pid: null,
      restarts: 0,
      detail: {},
    });
  }

  /** Begins to publish and to serve as soon as there is a ROS graph. Returns at once and never throws. */
  start(): void {
    const { conductor, transport, policy } = this.#options;
    if (policy.streams.status.fields.length > 0) {
      // Loaded only where it is used.
      void import('./messages/status-protobuf.js').then(({ encodeStatusFields }) => {
        this.#encode = encodeStatusFields;
        // What went out meanwhile went out as JSON only.
        if (this.#period !== null && this.#published.has(this.#names.statusFields)) {
          this.#resync(new Set([this.#names.statusFields]));
        }
      });
    }
    this.#unsubscribe = conductor.subscribe((event) => this.#hear(event));
    transport.start(this.#spec, {
      status: (status) => this.#setStatus(status),
      resync: (topics) => this.#resync(topics),
      call: (service, request, respond) => void this.#calls.answer(service, request).then(respond),
    });
    this.#period = setInterval(() => void this.#tick(), PERIOD_MS);
  }

  /** Says that nothing is known any more, then leaves the graph. */
  async stop(): Promise<void> {
    this.#unsubscribe();
    if (this.#period !== null) clearInterval(this.#period);
    this.#period = null;
    this.#cancelRound();
    const last = lastWords(this.#options.conductor.snapshot());
    this.#publishState(last);
    this.#publishDiagnostics(last);
    await this.#options.transport.stop();
  }

  status(): RosStatus {
    const { topics, services } = this.#spec;
    return {
      face: this.#status,
      topics: topics.map(({ name, type, qos }) => ({ name, type, qos })),
      services: services.map(({ name, type }) => ({ name, type })),
    };
  }

  restart(): void {
    this.#options.transport.restart();
  }

  probe(probe: RosProbe, signal?: AbortSignal): Promise<RosProbeResult> {
    const { state, text } = this.#status;
    if (state === 'on') return this.#options.transport.probe(probe, signal);
    const why = `the ROS face is ${state}: ${text}`;
    return Promise.resolve({ ok: false, text: why, rate: null, publishers: null, type: null });
  }

  #hear(event: RoviEvent): void {
    if (this.#status.state !== 'on') return;
    this.#options.transport.publish(this.#names.events, { data: JSON.stringify(event) });
    if (event.type === 'stack' || event.type === 'gateway' || event.type === 'bus') this.#unitsChanged = true;
    // Never in the conductor's own turn: its next call to systemd comes first.
    if (event.type === 'stack') {
      this.#changed.set(event.stack.name, event.stack);
      this.#changes ??= setImmediate(() => this.#publishChanges());
    }
    if (this.#round !== null) return;
    const wait = this.#roundAllowedAt - performance.now();
    this.#round =
      wait > 0 ? setTimeout(() => this.#publishRound(), wait) : setImmediate(() => this.#publishRound());
  }

  /** The single values of what has just changed are small, and what a tool waits for: they wait for no round. */
  #publishChanges(): void {
    this.#changes = null;
    for (const stack of this.#changed.values()) {
      for (const [topic, message] of stackValues(stack, this.#names)) this.#publishNews(topic, message);
    }
    this.#changed.clear();
  }

  #publishRound(): void {
    this.#round = null;
    const begin = performance.now();
    const snapshot = this.#options.conductor.snapshot();
    this.#publishState(snapshot);
    if (this.#unitsChanged) this.#publishDiagnostics(snapshot);
    this.#unitsChanged = false;
    const now = performance.now();
    this.#roundAllowedAt = now + Math.max(ROUND_MS, ROUND_SHARE * (now - begin));
  }

  async #tick(): Promise<void> {
    if (this.#status.state !== 'on') return;
    const snapshot = this.#options.conductor.snapshot();
    await this.#usage.look(snapshot);
    if (this.#period !== null && this.#status.state === 'on')
      this.#publishDiagnostics(this.#options.conductor.snapshot());
  }

  #resync(topics: ReadonlySet<string>): void {
    for (const topic of topics) this.#published.delete(topic);
    this.#unitsChanged = true;
    this.#cancelRound();
    this.#publishRound();
  }

  /** Single values first; the snapshot after them is large. */
  #publishState(snapshot: Snapshot): void {
    for (const [topic, message] of unitValues(snapshot, this.#names)) this.#publishNews(topic, message);
    this.#publishNews(this.#names.state, { data: JSON.stringify(snapshot) });
    const { fields } = this.#options.policy.streams.status;
    if (fields.length > 0) this.#publishFields(snapshot);
    if (this.#status.detail['interfaces'] === 'typed') {
      this.#publishNews(this.#names.stackStates, { ...stackStatesOf(snapshot) });
    }
  }

  #publishFields(snapshot: Snapshot): void {
    const message = statusFieldsOf(this.#options.policy.streams.status.fields, snapshot);
    const { statusFields, statusFieldsProtobuf } = this.#names;
    const values = JSON.stringify(message.values);
    if (this.#published.get(statusFields) === values) return;
    this.#published.set(statusFields, values);
    this.#options.transport.publish(statusFields, { data: JSON.stringify(message) });
    if (this.#encode === null) return;
    const bytes = Buffer.from(this.#encode(message)).toString('base64');
    this.#options.transport.publish(statusFieldsProtobuf, {
      layout: { dim: [], data_offset: 0 },
      data: bytes,
    });
  }

  #publishDiagnostics(snapshot: Snapshot): void {
    const message = diagnosticsOf(snapshot, this.#usage.figures, stampOf(Date.now()));
    this.#options.transport.publish(this.#names.diagnostics, { ...message });
  }

  #publishNews(topic: string, message: RosMessage): void {
    const text = JSON.stringify(message);
    if (this.#published.get(topic) === text) return;
    this.#published.set(topic, text);
    this.#options.transport.publish(topic, message);
  }

  #setStatus(status: TransportStatus): void {
    this.#status = statusOf(status);
    const { state, text } = this.#status;
    this.#options.logger.info({ face: 'ros', state, text }, 'ROS face changed');
    this.#options.conductor.reportFace(this.#status);
  }

  #cancelRound(): void {
    if (this.#changes !== null) clearImmediate(this.#changes);
    this.#changes = null;
    this.#changed.clear();
    if (this.#round === null) return;
    clearTimeout(this.#round as NodeJS.Timeout);
    clearImmediate(this.#round as NodeJS.Immediate);
    this.#round = null;
  }
}

function statusOf(status: TransportStatus): FaceStatus {
  return { name: 'ros', ...status, detail: { ...status.detail }, since: new Date().toISOString() };
}
