/**
 * Asks over HTTP from inside the robot, where its users are. Programs speak to it in JSON lines (asker-client.ts).
 *
 * {ask: REQUEST}                                one request on a kept connection → {start, end, status, body, location}
 * {load: REQUEST, connections, ms, requests?}   so many connections ask again and again, each as soon as it has its answer,
 *                                               for so long or so many times → {@link LoadFigures}
 * {spawn: ARGV, connections, ms}                the same with a program in place of a request
 *
 * Not autocannon: it keeps whole milliseconds, and half of these answers take less than one. Node's own client, the same
 * for us and for the rivals.
 */
import { execFile } from 'node:child_process';
import { Agent, request as httpRequest } from 'node:http';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { monotonicMs } from '../monotonic.js';
import { summarize } from '../statistics.js';
import type { Summary } from '../statistics.js';

/** Where a server listens: a path, or an address of the robot. */
export type Place = { readonly socketPath: string } | { readonly host: string; readonly port: number };

export interface AskedRequest {
  readonly place: Place;
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Moments are CLOCK_MONOTONIC in milliseconds. */
export interface Answer {
  readonly start: number;
  readonly end: number;
  readonly status: number;
  readonly body: string;
  readonly location: string | null;
}

/** What came of a load. */
export interface LoadFigures {
  /** Milliseconds from a request to the end of its answer. */
  readonly latency: Summary;
  readonly perSecond: number;
  /** Bytes of one answer's body. */
  readonly bytes: number;
  /** Percent of one core that this client used itself. */
  readonly clientPercent: number;
}

type Order =
  | { readonly ask: AskedRequest }
  | {
      readonly load: AskedRequest;
      readonly connections: number;
      readonly ms: number;
      readonly requests?: number;
    }
  | { readonly spawn: readonly string[]; readonly connections: number; readonly ms: number };

const run = promisify(execFile);
/** One kept connection for the requests of `ask`, one a place. */
const kept = new Map<string, Agent>();

function ask({ place, method, path, headers, body }: AskedRequest, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const start = monotonicMs();
    const sent = { ...headers, host: 'localhost', 'content-length': Buffer.byteLength(body ?? '') };
    const outgoing = httpRequest({ ...place, method, path, headers: sent, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const end = monotonicMs();
        const { statusCode: status = 0, headers: answered } = response;
        const text = Buffer.concat(chunks).toString();
        resolve({ start, end, status, body: text, location: answered.location ?? null });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Lets `connections` workers do `work` again and again; each gets an agent of its own with one connection. */
async function repeat(
  { connections, ms, requests = Infinity }: { connections: number; ms: number; requests?: number },
  work: (agent: Agent) => Promise<number>,
): Promise<LoadFigures> {
  const latencies: number[] = [];
  let bytes = 0;
  let left = requests;
  const cpu = process.cpuUsage();
  const begin = monotonicMs();
  const worker = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (left > 0 && monotonicMs() - begin < ms) {
      left -= 1;
      const start = monotonicMs();
      bytes = await work(agent);
      latencies.push(monotonicMs() - start);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: connections }, worker));
  const elapsed = monotonicMs() - begin;
  const { user, system } = process.cpuUsage(cpu);
  return {
    latency: summarize(latencies),
    perSecond: (1000 * latencies.length) / elapsed,
    bytes,
    clientPercent: (user + system) / 10 / elapsed,
  };
}

function answer(order: Order): Promise<Answer | LoadFigures> {
  if ('ask' in order) {
    const place = JSON.stringify(order.ask.place);
    const agent = kept.get(place) ?? new Agent({ keepAlive: true, maxSockets: 1 });
    kept.set(place, agent);
    return ask(order.ask, agent);
  }
  if ('spawn' in order) {
    const [program = '', ...words] = order.spawn;
    return repeat(order, async () => (await run(program, words, { maxBuffer: 2 ** 26 })).stdout.length);
  }
  return repeat(order, async (agent) => {
    const { status, body } = await ask(order.load, agent);
    if (status !== 200) throw new Error(`${order.load.path}: ${status} ${body.slice(0, 300)}`);
    return Buffer.byteLength(body);
  });
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line) as Order).catch((error: unknown) => ({
    error: String(error),
  }));
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
for (const agent of kept.values()) agent.destroy();
