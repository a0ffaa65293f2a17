import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FromRosProcess } from '@rovi/contract';
import { JsonLines } from '../process/json-lines.js';
import type { ToProcess } from '../process/protocol.js';
import { LINE_BYTES, monotonicMs, SILENCE_MS } from '../process/protocol.js';
import type { RosSpec } from '../ros-transport.js';
import { Driver } from './driver.js';
import { loadRclnodejs } from './load-rclnodejs.js';
import { lookAround } from './look-around.js';
import { RosNode } from './ros-node.js';
import { domainOf } from './ros-domain.js';
import { Unavailable } from './unavailable.js';

/**
 * The ROS process: rovi-ros.mjs, started by the gateway through run_in_ros.sh with the protocol of process/protocol.ts
 * on descriptor 3. Its one argument is the folder that holds rclnodejs (default: `ros` beside this program).
 */

/** As sysexits(3) has it: this machine cannot serve as it is. */
const EXIT_UNAVAILABLE = 69;
/** Milliseconds for the last messages to reach their readers. */
const FAREWELL_MS = 200;
/** Milliseconds for the middleware to leave the graph. */
const LEAVE_MS = 5_000;

const folder = process.argv[2] ?? join(dirname(process.argv[1] ?? '.'), 'ros');
const channel = new Socket({ fd: 3, readable: true, writable: true });
const probes = new Map<number, AbortController>();
const looks = new Map<number, AbortController>();
let node: RosNode | null = null;
let driver: Driver | null = null;
let ending = false;
let heardAt = performance.now();

function say(message: FromRosProcess): void {
  channel.write(`${JSON.stringify(message)}\n`);
}

async function joinGraph(spec: RosSpec): Promise<void> {
  const domain = domainOf(process.env['ROS_DOMAIN_ID']);
  const loaded = await loadRclnodejs(folder);
  const joined = new RosNode(loaded, spec);
  await joined.join((id, service, request) => say({ type: 'call', id, service, request }));
  node = joined;
  driver = new Driver({ graph: joined, say, now: monotonicMs });
  const typed = joined.topics.length > spec.topics.filter(({ optional }) => !optional).length;
  say({
    type: 'ready',
    topics: joined.topics,
    services: joined.services,
    types: joined.types,
    detail: {
      node: `${spec.namespace}/${spec.node}`,
      domain_id: String(domain),
      rmw: process.env['RMW_IMPLEMENTATION'] ?? 'default',
      distro: process.env['ROS_DISTRO'] ?? 'unknown',
      interfaces: typed ? 'typed' : 'standard',
    },
  });
}

function fail(error: unknown): void {
  driver?.abandon();
  if (error instanceof Unavailable) {
    say({ type: 'unavailable', text: error.message, mend: error.mend });
    channel.end(() => process.exit(EXIT_UNAVAILABLE));
    return;
  }
  // The last line is the one that the gateway shows.
  if (error instanceof Error)
    process.stderr.write(`${error.stack ?? ''}\n${error.name}: ${firstLine(error.message)}\n`);
  else process.stderr.write(`${String(error)}\n`);
  process.exit(1);
}

function firstLine(text: string): string {
  return text.trimStart().split('\n', 1)[0] ?? '';
}

async function end(farewell: number): Promise<void> {
  if (ending) return;
  ending = true;
  await Promise.all([sleep(farewell), driver?.leave()]);
  // Nobody may be left to kill it when the middleware cannot let go.
  setTimeout(() => process.exit(1), LEAVE_MS);
  await node?.leave();
  process.exit(0);
}

function attempt(what: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    say({ type: 'fault', text: `${what}: ${error instanceof Error ? error.message : String(error)}` });
  }
}

function hear(message: ToProcess): void {
  heardAt = performance.now();
  switch (message.type) {
    case 'spec':
      joinGraph(message.spec).catch(fail);
      return;
    case 'ping':
      return say({ type: 'pong', id: message.id });
    case 'publish':
      return attempt(message.topic, () => node?.publish(message.topic, message.message));
    case 'respond':
      return attempt('response', () => node?.respond(message.id, message.response));
    case 'probe': {
      const { id, probe } = message;
      const failed = (error: unknown): void =>
        say({
          type: 'probed',
          id,
          result: { ok: false, text: String(error), rate: null, publishers: null, type: null },
        });
      const unprobe = new AbortController();
      probes.set(id, unprobe);
      void (node?.probe(probe, unprobe.signal) ?? Promise.reject(new Error('not in the graph')))
        .then((result) => say({ type: 'probed', id, result }), failed)
        .finally(() => probes.delete(id));
      return;
    }
    case 'unprobe':
      probes.get(message.id)?.abort();
      return;
    case 'drive': {
      const { id, at, order } = message;
      if (driver !== null && !ending) return driver.drive(id, at, order);
      const text = 'the ROS process is not in the graph';
      return say({ type: 'drove', id, ended: 'refused', text, distance: null, measured: false });
    }
    case 'keep':
      return driver?.keep(message.id, message.at);
    case 'halt':
      return driver?.halt(message.order);
    case 'scan': {
      const { id, topic } = message;
      if (node === null) return say({ type: 'scanned', id, scan: null, text: 'not in the graph' });
      const unscan = new AbortController();
      looks.set(id, unscan);
      void lookAround(node, topic, unscan.signal).then((look) => {
        looks.delete(id);
        if (!unscan.signal.aborted) say({ type: 'scanned', id, ...look });
      });
      return;
    }
    case 'unscan':
      looks.get(message.id)?.abort();
      return;
    case 'bye':
      void end(FAREWELL_MS);
  }
}

const lines = new JsonLines({
  limit: LINE_BYTES,
  take: (value) => hear(value as ToProcess),
  fault: (text) => fail(new Error(`the gateway sent ${text}`)),
});
channel.on('data', (chunk: Buffer) => lines.push(chunk));
channel.on('end', () => void end(0));
channel.on('error', () => void end(0));
process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
process.on('SIGTERM', () => void end(0));
process.on('SIGINT', () => void end(0));
setInterval(() => {
  if (performance.now() - heardAt > SILENCE_MS && node !== null) {
    process.stderr.write(`the gateway has said nothing for ${SILENCE_MS / 1000} s\n`);
    void end(0);
  }
}, 1_000);
