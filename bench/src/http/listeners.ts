/**
 * Many clients of the event stream in one process inside the robot, and when each event reached the first and the last
 * of them. Programs speak to it in JSON lines (crowd.ts). Throws where a client misses an event or is dropped.
 *
 * {open: "websocket"|"sse", count, socketPath}   connects so many more; answered when each has its snapshot → {ms}
 * {hear: {stack, state, after}}                  answered when everybody has an event that shows the stack so, which came
 *                                                later than `after` → {reached: RECORD, records: RECORD[]}, those since
 *                                                the last answer
 * {reach: SEQ}                                   answered when everybody has the event of this number → {}
 * {close: true}                                  disconnects all → {}
 *
 * The first client reads its events; the others only look for the number, as cheaply as they can: they stand for a
 * thousand machines, and this one has to be all of them.
 */
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import type { RoviEvent } from '@rovi/contract';
import { WebSocket } from 'ws';
import { monotonicMs } from '../monotonic.js';

/** One event on its way to everybody. Moments are CLOCK_MONOTONIC in milliseconds. */
export interface EventRecord {
  readonly seq: number;
  readonly type: RoviEvent['type'];
  /** The event's own `at`, which is in whole milliseconds, rounded down. */
  readonly at: number;
  readonly first: number;
  readonly last: number;
  /** Of a stack's event. */
  readonly stack: string | null;
  readonly state: string | null;
}

interface Order {
  readonly open?: 'websocket' | 'sse';
  readonly count?: number;
  readonly socketPath?: string;
  readonly hear?: { readonly stack: string; readonly state: string; readonly after: number };
  readonly reach?: number;
  readonly close?: true;
}

/** Milliseconds that anything may take. */
const PATIENCE_MS = 30_000;

/** One client: the last event it has. */
interface Client {
  seq: number;
  readonly reads: boolean;
  readonly end: () => void;
}

const clients: Client[] = [];
const arrivals = new Map<number, { count: number; first: number; last: number }>();
const events = new Map<number, RoviEvent>();
let fault: Error | null = null;
let closing = false;
let wake = (): void => undefined;

function fail(text: string): void {
  if (closing) return;
  fault ??= new Error(text);
  wake();
}

/** A client has the event of this number; `text` makes its JSON, for who reads. */
function arrived(client: Client, seq: number, at: number, text: () => string): void {
  if (seq !== client.seq + 1) fail(`a client heard event ${seq} after ${client.seq}`);
  client.seq = seq;
  const arrival = arrivals.get(seq);
  if (arrival === undefined) arrivals.set(seq, { count: 1, first: at, last: at });
  else {
    arrival.count += 1;
    arrival.last = at;
  }
  if (client.reads) events.set(seq, JSON.parse(text()) as RoviEvent);
  if ((arrivals.get(seq)?.count ?? 0) >= clients.length) wake();
}

/** Connects one and resolves when it has its snapshot. */
function connect(protocol: 'websocket' | 'sse', socketPath: string): Promise<void> {
  return new Promise((resolve) => {
    const begin = (seq: number, end: () => void): Client => {
      const client = { seq, reads: clients.length === 0, end };
      clients.push(client);
      resolve();
      return client;
    };
    if (protocol === 'websocket') listenByWebSocket(socketPath, begin);
    else listenBySse(socketPath, begin);
  });
}

type Begin = (seq: number, end: () => void) => Client;

function listenByWebSocket(socketPath: string, begin: Begin): void {
  const webSocket = new WebSocket(`ws+unix:${socketPath}:/api/events`, { perMessageDeflate: false });
  let client: Client | null = null;
  webSocket.on('message', (data: Buffer) => {
    const at = monotonicMs();
    if (client === null) {
      client = begin(seqOfSnapshot(data.toString()), () => webSocket.terminate());
      return;
    }
    // `seq` and `at` come last; what is said of being alive or dropped is no event.
    const seq = /"seq":(\d+),"at":"[^"]*"\}$/.exec(
      data.toString('latin1', Math.max(0, data.length - 80)),
    )?.[1];
    const head = data.toString('latin1', 0, 20);
    if (head.startsWith('{"type":"dropped"')) return fail(`dropped: ${data.toString()}`);
    if (seq !== undefined && !head.startsWith('{"type":"alive"'))
      arrived(client, Number(seq), at, () => data.toString());
  });
  webSocket.on('error', (error) => fail(`a WebSocket failed: ${error.message}`));
  webSocket.on('close', (code) => fail(`a WebSocket was closed with ${code}`));
}

function listenBySse(socketPath: string, begin: Begin): void {
  let client: Client | null = null;
  let text = '';
  const outgoing = request({ socketPath, path: '/api/events', agent: false, headers: { host: 'rovi' } });
  outgoing.on('error', (error) => fail(`an event stream failed: ${error.message}`));
  outgoing.on('response', (response) => {
    response.setEncoding('utf8');
    response.on('error', (error) => fail(`an event stream failed: ${error.message}`));
    response.on('close', () => fail('an event stream was closed'));
    response.on('data', (chunk: string) => {
      const at = monotonicMs();
      const frames = (text + chunk).split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) {
        const [, seq, data = ''] = /^id: [^:\n]*:(\d+)\nevent: \w+\ndata: ([^]*)$/.exec(frame) ?? [];
        if (seq === undefined) {
          if (frame.startsWith('event: dropped')) fail(frame);
        } else if (client === null) client = begin(Number(seq), () => outgoing.destroy());
        else arrived(client, Number(seq), at, () => data);
      }
    });
  });
  outgoing.end();
}

function seqOfSnapshot(text: string): number {
  const event = JSON.parse(text) as RoviEvent;
  if (event.type !== 'snapshot') throw new Error(`the first event is a ${event.type}`);
  return event.seq;
}

/** Resolves with the first answer that is there; tried anew whenever everybody has an event more. */
async function until<T>(what: string, probe: () => T | undefined): Promise<T> {
  const deadline = monotonicMs() + PATIENCE_MS;
  for (;;) {
    const answer = probe();
    if (fault !== null) throw fault;
    if (answer !== undefined) return answer;
    if (monotonicMs() > deadline) throw new Error(`waited ${PATIENCE_MS} ms in vain for ${what}`);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 1_000);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Milliseconds from the monotonic clock to the wall clock, whose whole milliseconds are seen to begin. */
function wallOffset(): number {
  const before = Date.now();
  let now = before;
  while (now === before) now = Date.now();
  return now - monotonicMs();
}

/** Everything that everybody has, in order, and forgets it. */
function take(): EventRecord[] {
  const offset = wallOffset();
  const records: EventRecord[] = [];
  for (const [seq, { count, first, last }] of [...arrivals].sort(([a], [b]) => a - b)) {
    const event = events.get(seq);
    if (count < clients.length || event === undefined) continue;
    const of = event.type === 'stack' ? event.stack : null;
    records.push({
      seq,
      type: event.type,
      at: Date.parse(event.at) - offset,
      first,
      last,
      stack: of?.name ?? null,
      state: of?.state ?? null,
    });
    arrivals.delete(seq);
    events.delete(seq);
  }
  return records;
}

async function answer(order: Order): Promise<object> {
  const { open, count = 0, socketPath = '', hear, reach, close } = order;
  if (open !== undefined) {
    const begin = monotonicMs();
    for (let left = count; left > 0; left -= 50) {
      const some = Array.from({ length: Math.min(50, left) }, () => connect(open, socketPath));
      await Promise.race([Promise.all(some), until<never>('the snapshots', () => undefined)]);
    }
    return { ms: monotonicMs() - begin };
  }
  if (hear !== undefined) {
    const kept: EventRecord[] = [];
    const reached = await until(`${hear.stack} ${hear.state}`, () => {
      kept.push(...take());
      return kept.find(
        ({ stack, state, last }) => stack === hear.stack && state === hear.state && last > hear.after,
      );
    });
    return { reached, records: kept };
  }
  if (reach !== undefined) {
    await until(`event ${reach}`, () => (clients.every(({ seq }) => seq >= reach) ? true : undefined));
    arrivals.clear();
    events.clear();
  }
  if (close === true) {
    closing = true;
    for (const { end } of clients.splice(0)) end();
    arrivals.clear();
    events.clear();
  }
  return {};
}

for await (const line of createInterface({ input: process.stdin })) {
  const reply = await answer(JSON.parse(line) as Order).catch((error: unknown) => ({
    error: String(error),
  }));
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
process.exit(0);
