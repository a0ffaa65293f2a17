/**
 * Stand-in for rclnodejs 2 on robots without ROS: the little that packages/ros/src/node/rcl.ts declares. Instead of DDS
 * there is one Unix socket, graph.json beside this file names it, on which a test is the rest of the graph
 * (packages/testbed/src/ros-graph.ts). One JSON value a line, bytes as {"base64": …}:
 *
 *   to the graph:    join {node, pid} · advertise {topic, type, qos} · unadvertise {topic} · serve {service, type} ·
 *                    publish {topic, message} · respond {id, response} · subscribe {id, topic} · unsubscribe {id}
 *   from the graph:  graph {nodes, topics, deaf} · call {id, service, request} · deliver {id, base64} · order {order}
 *
 * Where the real one is lenient it is strict: it throws for a message that is not whole. What only the real one can
 * show (DDS, discovery, the addon, generated messages) is tested by `npm run test:ros`.
 */
import { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { clearInterval, setInterval } from 'node:timers';

const { socket: path, at_import } = JSON.parse(readFileSync(new URL('graph.json', import.meta.url), 'utf8'));

/** What native code can do to the process that holds it. */
function obey(order) {
  switch (order) {
    case 'abort':
      return process.abort();
    case 'block':
      for (;;);
    case 'exit':
      return process.exit(3);
    case 'throw':
      throw new Error('told to by the testbed');
  }
}

obey(at_import);

/** As `rmw/types.h` numbers them. */
const histories = { RMW_QOS_POLICY_HISTORY_KEEP_LAST: 1, RMW_QOS_POLICY_HISTORY_KEEP_ALL: 2 };
const reliabilities = { RMW_QOS_POLICY_RELIABILITY_RELIABLE: 1, RMW_QOS_POLICY_RELIABILITY_BEST_EFFORT: 2 };
const durabilities = { RMW_QOS_POLICY_DURABILITY_TRANSIENT_LOCAL: 1, RMW_QOS_POLICY_DURABILITY_VOLATILE: 2 };

class QoS {
  static HistoryPolicy = histories;
  static ReliabilityPolicy = reliabilities;
  static DurabilityPolicy = durabilities;

  constructor(history, depth, reliability, durability) {
    if (history !== 1) throw new TypeError(`expected keep-last, got history ${history}`);
    this.words = {
      reliability: reliability === 1 ? 'reliable' : 'best_effort',
      durability: durability === 1 ? 'transient_local' : 'volatile',
      depth,
    };
  }
}

const isBytes = (value) => value instanceof Uint8Array;
const isVector = (value) => [value?.x, value?.y, value?.z].every((part) => Number.isFinite(part));
const isTwist = (value) => isVector(value?.linear) && isVector(value?.angular);
/** Whole messages, by type; of other types only that they are objects is looked at. */
const shapes = {
  'std_msgs/msg/String': (message) => typeof message.data === 'string',
  'std_msgs/msg/Bool': (message) => typeof message.data === 'boolean',
  'std_msgs/msg/UInt8MultiArray': ({ layout, data }) =>
    Array.isArray(layout?.dim) && Number.isInteger(layout.data_offset) && isBytes(data),
  'geometry_msgs/msg/Twist': isTwist,
  'geometry_msgs/msg/TwistStamped': ({ header, twist }) =>
    Number.isInteger(header?.stamp?.sec) &&
    Number.isInteger(header.stamp.nanosec) &&
    typeof header.frame_id === 'string' &&
    isTwist(twist),
  // Raw: encoded by who publishes.
  'diagnostic_msgs/msg/DiagnosticArray': isBytes,
  'rovi_interfaces/msg/StackStates': isBytes,
};
const responses = {
  'std_srvs/srv/Trigger': ({ success, message }) =>
    typeof success === 'boolean' && typeof message === 'string',
  // A uint64 has to be a bigint.
  'rovi_interfaces/srv/GetState': ({ state }) => typeof state?.seq === 'bigint',
};

function check(shape, value, what) {
  if (value === null || typeof value !== 'object' || shape?.(value) === false) {
    throw new TypeError(`expected a whole ${what}, got ${JSON.stringify(value, plain)}`);
  }
}

function plain(_, value) {
  if (typeof value === 'bigint') return Number(value);
  // A Buffer has made itself an object before it is asked about.
  if (value?.type === 'Buffer') return { base64: Buffer.from(value.data).toString('base64') };
  return isBytes(value) ? { base64: Buffer.from(value).toString('base64') } : value;
}

class Graph {
  #socket = null;
  #known = { nodes: [], topics: [], deaf: [] };
  handlers = { call: new Map(), deliver: new Map() };

  join() {
    return new Promise((resolve, reject) => {
      const socket = connect(path);
      this.#socket = socket;
      socket.once('error', (error) => reject(new Error(`no graph at ${path}: ${error.message}`)));
      let rest = '';
      socket.setEncoding('utf8').on('data', (text) => {
        const lines = (rest + text).split('\n');
        rest = lines.pop();
        for (const line of lines) this.#hear(JSON.parse(line), resolve);
      });
    });
  }

  leave() {
    return new Promise((resolve) => {
      if (this.#socket === null || this.#socket.destroyed) return resolve();
      this.#socket.once('close', resolve);
      this.#socket.end();
      this.#socket.unref();
    });
  }

  say(message) {
    this.#socket?.write(`${JSON.stringify(message, plain)}\n`);
  }

  get known() {
    return this.#known;
  }

  #hear(message, joined) {
    switch (message.op) {
      case 'graph':
        this.#known = message;
        return joined();
      case 'call':
        return this.handlers.call.get(message.service)?.(message);
      case 'deliver':
        return this.handlers.deliver.get(message.id)?.(Buffer.from(message.base64, 'base64'));
      case 'order':
        return obey(message.order);
    }
  }
}

const graph = new Graph();
let subscriptions = 0;

class Node {
  #full;
  #timer = null;

  constructor(name, namespace, context) {
    if (context !== Context.defaultContext()) throw new TypeError('expected the default context');
    this.#full = `${namespace}/${name}`;
    graph.say({ op: 'join', node: this.#full, pid: process.pid });
  }

  createPublisher(type, topic, { qos }) {
    graph.say({ op: 'advertise', topic, type, qos: qos.words });
    return {
      topic,
      get subscriptionCount() {
        return graph.known.deaf.includes(topic) ? 0 : 1;
      },
      publish: (message) => {
        check(shapes[type], message, type);
        graph.say({ op: 'publish', topic, message });
      },
    };
  }

  destroyPublisher({ topic }) {
    graph.say({ op: 'unadvertise', topic });
  }

  createService(type, service, _options, callback) {
    graph.say({ op: 'serve', service, type });
    graph.handlers.call.set(service, ({ id, request }) => {
      callback(request, {
        send: (response) => {
          check(responses[type], response, type);
          graph.say({ op: 'respond', id, response });
        },
      });
    });
  }

  createSubscription(_type, topic, _options, callback) {
    subscriptions += 1;
    const id = subscriptions;
    graph.handlers.deliver.set(id, callback);
    graph.say({ op: 'subscribe', id, topic });
    return id;
  }

  destroySubscription(id) {
    graph.handlers.deliver.delete(id);
    graph.say({ op: 'unsubscribe', id });
  }

  getTopicNamesAndTypes() {
    return graph.known.topics.map(({ name, type }) => ({ name, types: [type] }));
  }

  getNodeNamesAndNamespaces() {
    return [this.#full, ...graph.known.nodes].map((full) => {
      const cut = full.lastIndexOf('/');
      return { name: full.slice(cut + 1), namespace: full.slice(0, cut) || '/' };
    });
  }

  countPublishers(topic) {
    return graph.known.topics.filter(({ name }) => name === topic).length;
  }

  spin(timeout) {
    this.#timer = setInterval(() => undefined, timeout);
  }

  destroy() {
    clearInterval(this.#timer);
  }
}

const context = {};
const Context = { defaultContext: () => context };

export default {
  Context,
  Node,
  NodeOptions: class {},
  QoS,
  init: () => graph.join(),
  shutdown: () => graph.leave(),
};
