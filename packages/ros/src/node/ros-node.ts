import type { RosProbe, RosProbeResult, RosQos } from '@rovi/contract';
import type { DiagnosticArray } from '../messages/diagnostics.js';
import type { StackStatesMessage } from '../messages/typed.js';
import { stampOf } from '../messages/stamp.js';
import type { HaltOrder, RosMessage, RosSpec } from '../ros-transport.js';
import { driveType, motionTypes, ODOMETRY } from '../ros-transport.js';
import { diagnosticArrayBytes, stackStatesBytes } from './cdr.js';
import { cutRequest } from './cut-request.js';
import type { DriverGraph, Outlet } from './driver.js';
import type { Rclnodejs } from './load-rclnodejs.js';
import { probeGraph } from './probe-graph.js';
import type { Rcl, RclNode, RclPublisher, RclResponse } from './rcl.js';
import type { Position } from './sensor-messages.js';
import { positionOf } from './sensor-messages.js';
import { Unavailable } from './unavailable.js';

/**
 * Milliseconds a wait for work lasts. What arrives wakes it at once; 10, the default, costs ten times the CPU at rest,
 * and 1000 delays the end by half a second.
 */
const SPIN_MS = 100;
const INTERFACES =
  'Build rclnodejs again for the ROS and workspace that are sourced: `sudo ./install.sh --ros`.';

interface Publication {
  readonly publisher: RclPublisher;
  readonly encode: (message: RosMessage) => unknown;
}

/** The last is what counts: a Twist that was not taken yet is worth nothing when the next is there. */
const command: RosQos = { reliability: 'reliable', durability: 'volatile', depth: 1 };

/** The node in the graph, with the publishers and services of a spec. */
export class RosNode implements DriverGraph {
  readonly #loaded: Rclnodejs;
  readonly #spec: RosSpec;
  readonly #context: unknown;
  readonly #publications = new Map<string, Publication>();
  readonly #services = new Set<string>();
  readonly #calls = new Map<number, { readonly response: RclResponse; readonly type: string }>();
  #node: RclNode | null = null;
  #callId = 0;

  constructor(loaded: Rclnodejs, spec: RosSpec) {
    this.#loaded = loaded;
    this.#spec = spec;
    this.#context = loaded.rcl.Context.defaultContext();
  }

  get topics(): string[] {
    return [...this.#publications.keys()];
  }

  get services(): string[] {
    return [...this.#services];
  }

  /** Of the messages of motion, those that this ROS has. */
  get types(): string[] {
    return motionTypes.filter((type) => this.#loaded.has(type));
  }

  /** Joins the graph. Rejects with {@link Unavailable} where the messages that all need are not there. */
  async join(call: (id: number, service: string, request: Record<string, unknown>) => void): Promise<void> {
    const { rcl } = this.#loaded;
    const { namespace, node, topics, services } = this.#spec;
    const missing = [...topics, ...services].find(
      ({ type, optional }) => !optional && !this.#loaded.has(type),
    );
    if (missing !== undefined) throw new Unavailable(`the interface ${missing.type} is missing`, INTERFACES);
    // Its output goes to the journal by way of the gateway; a log file of its own would have nowhere to be.
    await rcl.init(this.#context, ['rovi', '--ros-args', '--disable-external-lib-logs']);
    this.#node = new rcl.Node(node, namespace, this.#context, new rcl.NodeOptions(false));
    for (const topic of topics) {
      if (!this.#loaded.has(topic.type)) continue;
      const publisher = this.#node.createPublisher(topic.type, topic.name, { qos: qosOf(rcl, topic.qos) });
      this.#publications.set(topic.name, { publisher, encode: encoderOf(topic.type) });
    }
    for (const { name, type } of services) {
      if (!this.#loaded.has(type)) continue;
      this.#services.add(name);
      this.#node.createService(type, name, {}, (request, response) => {
        this.#callId += 1;
        this.#calls.set(this.#callId, { response, type });
        call(this.#callId, name, cutRequest(request));
      });
    }
    this.#node.spin(SPIN_MS);
  }

  /** Publishes; throws where the middleware refuses the message. */
  publish(topic: string, message: RosMessage): void {
    const publication = this.#publications.get(topic);
    publication?.publisher.publish(publication.encode(message));
  }

  /** Answers one call, once. Throws where the middleware refuses the response; the caller then has an empty one. */
  respond(id: number, response: RosMessage): void {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    if (call === undefined) return;
    try {
      call.response.send(responseOf(call.type, response));
    } catch (error) {
      // Whoever called would wait for ever: an empty response is no success.
      call.response.send({});
      throw error;
    }
  }

  /** Looks at the graph; ends early, with what was found so far, when the signal says so. */
  async probe(probe: RosProbe, signal: AbortSignal): Promise<RosProbeResult> {
    return probeGraph(this.#loaded.rcl, this.#joined(), probe, signal);
  }

  /** Publishes velocities on a topic until it is closed. Throws where this ROS has no such message. */
  outlet({ topic, message, frame_id }: HaltOrder): Outlet {
    const node = this.#joined();
    const type = driveType(message);
    if (!this.#loaded.has(type)) throw new Error(`the interface ${type} is missing`);
    const publisher = node.createPublisher(type, topic, { qos: qosOf(this.#loaded.rcl, command) });
    const encode = (twist: RosMessage): RosMessage =>
      // A controller drops what is older than its timeout: each has the time at which it goes out.
      message === 'twist' ? twist : { header: { stamp: stampOf(Date.now()), frame_id }, twist };
    return {
      get listeners() {
        return publisher.subscriptionCount;
      },
      publish: (x, y) => publisher.publish(encode({ linear: { x, y, z: 0 }, angular: { x: 0, y: 0, z: 0 } })),
      close: () => node.destroyPublisher(publisher),
    };
  }

  odometry(topic: string, heard: (position: Position) => void): (() => void) | null {
    if (!this.#loaded.has(ODOMETRY)) return null;
    return this.follow(ODOMETRY, topic, 10, (bytes) => {
      const position = positionOf(bytes);
      if (position !== null) heard(position);
    });
  }

  /** Hears what is published on a topic, encoded, as sensors are heard: best effort. Returns what ends it. */
  follow(type: string, topic: string, depth: number, heard: (bytes: Buffer) => void): () => void {
    const node = this.#joined();
    if (!this.#loaded.has(type)) throw new Error(`the interface ${type} is missing`);
    const qos = qosOf(this.#loaded.rcl, { reliability: 'best_effort', durability: 'volatile', depth });
    const subscription = node.createSubscription(type, topic, { qos, isRaw: true }, (message) =>
      heard(message as Buffer),
    );
    return () => node.destroySubscription(subscription);
  }

  /** Who is on a topic. */
  seen(topic: string): { publishers: number; types: readonly string[] } {
    const node = this.#joined();
    const types = node.getTopicNamesAndTypes().find(({ name }) => name === topic)?.types ?? [];
    return { publishers: node.countPublishers(topic), types };
  }

  /** Leaves the graph. */
  async leave(): Promise<void> {
    this.#node?.destroy();
    this.#node = null;
    await this.#loaded.rcl.shutdown(this.#context);
  }

  #joined(): RclNode {
    if (this.#node === null) throw new Error('not in the graph');
    return this.#node;
  }
}

function qosOf({ QoS }: Rcl, { reliability, durability, depth }: RosQos): unknown {
  return new QoS(
    QoS.HistoryPolicy['RMW_QOS_POLICY_HISTORY_KEEP_LAST'] ?? 1,
    depth,
    QoS.ReliabilityPolicy[
      reliability === 'reliable'
        ? 'RMW_QOS_POLICY_RELIABILITY_RELIABLE'
        : 'RMW_QOS_POLICY_RELIABILITY_BEST_EFFORT'
    ] ?? 1,
    QoS.DurabilityPolicy[
      durability === 'volatile'
        ? 'RMW_QOS_POLICY_DURABILITY_VOLATILE'
        : 'RMW_QOS_POLICY_DURABILITY_TRANSIENT_LOCAL'
    ] ?? 2,
  );
}

/** What is handed to the middleware for a message that came as JSON. */
function encoderOf(type: string): (message: RosMessage) => unknown {
  switch (type) {
    case 'diagnostic_msgs/msg/DiagnosticArray':
      return (message) => diagnosticArrayBytes(message as unknown as DiagnosticArray);
    case 'rovi_interfaces/msg/StackStates':
      return (message) => stackStatesBytes(message as unknown as StackStatesMessage);
    case 'std_msgs/msg/UInt8MultiArray':
      return (message) => ({
        ...message,
        data: new Uint8Array(Buffer.from(String(message['data']), 'base64')),
      });
    default:
      return (message) => message;
  }
}

function responseOf(type: string, response: RosMessage): RosMessage {
  if (type !== 'rovi_interfaces/srv/GetState') return response;
  return { ...response, state: withBigSeq(response['state'] as RosMessage) };
}

/** rclnodejs takes a `uint64` only as a bigint, which JSON does not have. */
function withBigSeq(message: RosMessage): RosMessage {
  return { ...message, seq: BigInt(message['seq'] as number) };
}
