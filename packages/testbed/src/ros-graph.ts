import { chmodSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { readDiagnostics, readStackStates } from './cdr-reader.js';
import { TestbedError } from './testbed-error.js';

/** A topic that a node publishes, as it declared it. */
export interface GraphTopic {
  readonly type: string;
  readonly qos: { readonly reliability: string; readonly durability: string; readonly depth: number };
}

/** A node that is in the graph. */
export interface GraphNode {
  /** Full name. */
  readonly name: string;
  /** In the PID namespace of its robot. */
  readonly pid: number;
  readonly topics: ReadonlyMap<string, GraphTopic>;
  /** Types by name. */
  readonly services: ReadonlyMap<string, string>;
}

/** Something that was published. A DiagnosticArray and StackStates are decoded; other bytes are Buffers. */
export interface GraphMessage {
  readonly topic: string;
  readonly message: Readonly<Record<string, unknown>>;
  /** Milliseconds, of `performance.now()`. */
  readonly at: number;
}

/** What native code can be told to do to its process. */
export type GraphOrder = 'abort' | 'block' | 'exit';

type Said =
  | { op: 'join'; node: string; pid: number }
  | ({ op: 'advertise'; topic: string } & GraphTopic)
  | { op: 'unadvertise'; topic: string }
  | { op: 'serve'; service: string; type: string }
  | { op: 'publish'; topic: string; message: Record<string, unknown> }
  | { op: 'respond'; id: number; response: Record<string, unknown> }
  | { op: 'subscribe'; id: number; topic: string }
  | { op: 'unsubscribe'; id: number };

interface Member {
  readonly socket: Socket;
  name: string | null;
  pid: number;
  readonly topics: Map<string, GraphTopic>;
  readonly services: Map<string, string>;
  readonly latched: Map<string, GraphMessage['message']>;
  readonly subscriptions: Map<number, { readonly topic: string; readonly timer: NodeJS.Timeout | undefined }>;
}

interface Call {
  readonly member: Member;
  readonly resolve: (response: Readonly<Record<string, unknown>>) => void;
  readonly reject: (error: Error) => void;
}

interface Others {
  readonly nodes: readonly string[];
  readonly topics: readonly { readonly name: string; readonly type: string; readonly hertz: number }[];
  readonly deaf: readonly string[];
}

/**
 * The rest of a ROS graph for processes that hold the stand-in for rclnodejs (programs/rclnodejs): keeps what they
 * publish, calls what they serve, and shows them nodes and topics that are not there.
 */
export class RosGraph {
  readonly #path: string;
  readonly #server: Server;
  readonly #members = new Set<Member>();
  readonly #messages: GraphMessage[] = [];
  readonly #calls = new Map<number, Call>();
  #others: Others = { nodes: [], topics: [], deaf: [] };
  #callId = 0;
  #joined = 0;

  private constructor(path: string) {
    this.#path = path;
    this.#server = createServer((socket) => this.#admit(socket));
  }

  /** Opens the graph on a socket of this path. */
  static async open(path: string): Promise<RosGraph> {
    const graph = new RosGraph(path);
    rmSync(path, { force: true });
    await new Promise<void>((resolve, reject) => {
      graph.#server.once('error', reject);
      graph.#server.listen(path, resolve);
    });
    graph.#server.unref();
    chmodSync(path, 0o777);
    return graph;
  }

  /** Who is in the graph now. */
  get nodes(): readonly GraphNode[] {
    return [...this.#members]
      .filter((member) => member.name !== null)
      .map(({ name, pid, topics, services }) => ({ name: name ?? '', pid, topics, services }));
  }

  /** How many nodes have ever joined. */
  get joined(): number {
    return this.#joined;
  }

  /** Everything ever published, or that on one topic; oldest first. */
  published(topic?: string): readonly GraphMessage[] {
    return topic === undefined ? this.#messages : this.#messages.filter((one) => one.topic === topic);
  }

  /** What a reader that comes now is given at once: the last message of a latched topic whose publisher is there. */
  latched(topic: string): Readonly<Record<string, unknown>> | undefined {
    for (const { latched } of this.#members) if (latched.has(topic)) return latched.get(topic);
    return undefined;
  }

  /** Calls a service; resolves with its response. Rejects where nobody serves it, or who serves it leaves. */
  call(service: string, request: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const member = [...this.#members].find(({ services }) => services.has(service));
    if (member === undefined) return Promise.reject(new TestbedError(`nobody serves ${service}`));
    this.#callId += 1;
    const id = this.#callId;
    const response = new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
      this.#calls.set(id, { member, resolve, reject });
    });
    send(member, { op: 'call', id, service, request });
    return response;
  }

  /** Makes the native code of every member do this. */
  order(order: GraphOrder): void {
    for (const member of this.#members) send(member, { op: 'order', order });
  }

  /**
   * Puts nodes and topics into the graph that members see; topics have messages, empty ones, at this rate. Somebody
   * listens to all that members publish but for the topics that are `deaf`.
   */
  pretend({ nodes = [], topics = [], deaf = [] }: Partial<Others>): void {
    this.#others = { nodes, topics, deaf };
    for (const member of this.#members) send(member, { op: 'graph', ...this.#others });
  }

  /** Publishes a message, encoded, to the members that listen now; answers whether there was any. */
  deliver(topic: string, bytes: Buffer): boolean {
    let heard = false;
    for (const member of this.#members) {
      for (const [id, subscription] of member.subscriptions) {
        if (subscription.topic !== topic) continue;
        send(member, { op: 'deliver', id, base64: bytes.toString('base64') });
        heard = true;
      }
    }
    return heard;
  }

  /** Polls until `probe` answers something truthy and returns that; throws with the text after the deadline. */
  async waitFor<T>(what: string, probe: () => T, deadlineMs = 30_000): Promise<NonNullable<T>> {
    const end = performance.now() + deadlineMs;
    for (;;) {
      const answer = probe();
      if (answer) return answer;
      if (performance.now() > end) {
        const last = this.#messages.slice(-5).map(({ topic, message }) => [topic, message]);
        throw new TestbedError(
          `ROS graph: waited ${deadlineMs} ms in vain for: ${what}; last published: ${JSON.stringify(last).slice(0, 2000)}`,
        );
      }
      await delay(5);
    }
  }

  /** Takes the graph away from whoever is in it. */
  async close(): Promise<void> {
    for (const { socket } of this.#members) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.#path, { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #admit(socket: Socket): void {
    const member: Member = {
      socket,
      name: null,
      pid: 0,
      topics: new Map(),
      services: new Map(),
      latched: new Map(),
      subscriptions: new Map(),
    };
    this.#members.add(member);
    let rest = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#hear(member, JSON.parse(line) as Said);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#dismiss(member));
    send(member, { op: 'graph', ...this.#others });
  }

  #dismiss(member: Member): void {
    this.#members.delete(member);
    for (const { timer } of member.subscriptions.values()) clearInterval(timer);
    for (const [id, call] of this.#calls) {
      if (call.member !== member) continue;
      this.#calls.delete(id);
      call.reject(new TestbedError('who served the call has left the graph'));
    }
  }

  #hear(member: Member, said: Said): void {
    switch (said.op) {
      case 'join':
        member.name = said.node;
        member.pid = said.pid;
        this.#joined += 1;
        return;
      case 'advertise':
        member.topics.set(said.topic, { type: said.type, qos: said.qos });
        return;
      case 'unadvertise':
        member.topics.delete(said.topic);
        return;
      case 'serve':
        member.services.set(said.service, said.type);
        return;
      case 'publish':
        return this.#keep(member, said.topic, said.message);
      case 'respond': {
        const call = this.#calls.get(said.id);
        this.#calls.delete(said.id);
        call?.resolve(said.response);
        return;
      }
      case 'subscribe': {
        const hertz = this.#others.topics.find(({ name }) => name === said.topic)?.hertz ?? 0;
        const deliver = () => send(member, { op: 'deliver', id: said.id, base64: '' });
        const timer = hertz === 0 ? undefined : setInterval(deliver, 1000 / hertz);
        member.subscriptions.set(said.id, { topic: said.topic, timer });
        return;
      }
      case 'unsubscribe':
        clearInterval(member.subscriptions.get(said.id)?.timer);
        member.subscriptions.delete(said.id);
    }
  }

  #keep(member: Member, topic: string, message: Record<string, unknown>): void {
    const declared = member.topics.get(topic);
    const bytes = bytesOf(message);
    const reader = readers.get(declared?.type ?? '');
    const read =
      bytes !== null && reader !== undefined
        ? reader(bytes)
        : Object.fromEntries(Object.entries(message).map(([key, value]) => [key, bytesOf(value) ?? value]));
    this.#messages.push({ topic, message: read, at: performance.now() });
    if (declared?.qos.durability === 'transient_local') member.latched.set(topic, read);
  }
}

/** For what is published as bytes. */
const readers = new Map<string, (bytes: Buffer) => Record<string, unknown>>([
  ['diagnostic_msgs/msg/DiagnosticArray', (bytes) => ({ ...readDiagnostics(bytes) })],
  ['rovi_interfaces/msg/StackStates', readStackStates],
]);

function bytesOf(value: unknown): Buffer | null {
  if (value === null || typeof value !== 'object' || !('base64' in value)) return null;
  return Buffer.from(String(value.base64), 'base64');
}

function send({ socket }: Member, message: object): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
}
