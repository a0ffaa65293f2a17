import { createHash } from 'node:crypto';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { ticketDetailSchema } from '@rovi/contract';
import type { TicketDetail } from '@rovi/contract';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tcpRig } from '../access/tcp-rig.js';
import { ask } from '../http-docs/ask.js';
import { connect, rawExchange, refusal, rig, until } from './rig.js';
import type { Rig } from './rig.js';

let robot: Rig;
beforeEach(async () => {
  robot = await rig();
});
afterEach(async () => {
  expect(robot.log.faults()).toEqual([]);
  await until('nobody to read', () => robot.store.readers === 0);
  await robot[Symbol.asyncDispose]();
});

/** Tickets put on the disk of the rig: large ones, so that few of them are more than a socket takes. */
function stored(count: number, size = 6_000): readonly string[] {
  const ids = Array.from(
    { length: count },
    (_, index) => `tick-20260301-${index.toString(16).padStart(8, '0')}`,
  );
  const actor = { name: 'olga', face: 'cli', verified: true } as const;
  const at = '2026-03-01T10:00:00.000Z';
  for (const [index, id] of ids.entries()) {
    robot.store.tickets.set(id, {
      ...{ id, command: 'scan', params: {}, priority: 'normal', timeout_seconds: 30 },
      status: index % 3 === 0 ? 'cancelled' : 'pending',
      metadata: { note: createHash('sha256').update(id).digest('hex').padEnd(size, 'ü') },
      ...{ created_at: at, updated_at: at, started_at: null, completed_at: null },
      ...{ result: null, error: null, error_code: null, dry_run: true, actor, attempts: 0 },
      transitions: [{ at, from: null, to: 'pending', actor, reason: '' }],
      attempt_list: [],
    });
  }
  return ids;
}

async function exported(selection = {}): Promise<TicketDetail[]> {
  const all: TicketDetail[] = [];
  for await (const one of robot.client.tickets.export(selection)) all.push(one);
  return all;
}

/** An answer of which nothing is read before it is asked for. */
function unread(path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath: robot.socketPath, path, agent: false });
    asked.on('response', resolve);
    asked.on('error', reject);
    asked.end();
  });
}

it('has every ticket as it is read alone, oldest first, one a line', async () => {
  const ids = stored(60);
  const all = await exported();
  expect(all.map(({ id }) => id)).toEqual(ids);
  expect(all).toEqual(ids.map((id) => robot.store.tickets.get(id)));
  const some = await exported({ status: 'cancelled' });
  expect(some.map(({ id }) => id)).toEqual(ids.filter((_, index) => index % 3 === 0));
  const { status, headers, text } = await ask(robot.socketPath, { path: '/tickets/export?status=cancelled' });
  expect([status, headers['content-type'], headers['x-content-type-options']]).toEqual([
    200,
    'application/x-ndjson; charset=utf-8',
    'nosniff',
  ]);
  const lines = text.split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => ticketDetailSchema.parse(JSON.parse(line)).id)).toEqual(
    some.map(({ id }) => id),
  );
  expect(await exported({ status: 'completed' })).toEqual([]);
});

it('is refused as any request where no ticket is to be had', async () => {
  stored(3);
  robot.store.exporting = 0;
  const { status, type } = await ask(robot.socketPath, { path: '/tickets/export' });
  expect([status, type]).toEqual([503, 'application/problem+json']);
  expect((await refusal(exported())).code).toBe('tickets-unavailable');
  const bad = await rawExchange(robot.socketPath, 'GET /tickets/export HTTP/1.0\r\nHost: x\r\n\r\n');
  expect(bad).toMatch(/^HTTP\/1\.1 400 [^]*HTTP\/1\.0 could be cut off/);
});

it('that is cut off is not taken for the whole, by nobody', async () => {
  const ids = stored(40);
  robot.store.exporting = 17;
  const seen: string[] = [];
  const cut = (async () => {
    for await (const { id } of robot.client.tickets.export()) seen.push(id);
  })();
  expect(await refusal(cut)).toMatchObject({ code: 'tickets-unavailable', message: 'the store went away' });
  expect(seen).toEqual(ids.slice(0, 17));
  const answer = await unread('/tickets/export');
  let text = '';
  const read = (async () => {
    for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
  })();
  await expect(read).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(JSON.parse(text.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    type: 'dropped',
    problem: { code: 'tickets-unavailable' },
  });
  // HTTP's own end of an answer in chunks is missing.
  const raw = await rawExchange(robot.socketPath, 'GET /tickets/export HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(raw.startsWith('HTTP/1.1 200 ')).toBe(true);
  expect(raw.endsWith('\r\n0\r\n\r\n')).toBe(false);
  robot.store.exporting = Infinity;
  const whole = await rawExchange(robot.socketPath, 'GET /tickets/export HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(whole.endsWith('\r\n0\r\n\r\n')).toBe(true);
});

it('is read no faster than its client reads, and no further when that is gone', async () => {
  const ids = stored(2_000);
  let read = 0;
  robot.store.read = (id) => {
    read += 1;
    return Promise.resolve(robot.store.tickets.get(id) ?? null);
  };
  const answer = await unread('/tickets/export');
  let before = -1;
  while (before !== read) {
    before = read;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  // What sockets and buffers hold: a fraction of the 12 MB.
  expect(read).toBeLessThan(500);
  expect(robot.store.readers).toBe(1);
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += chunk as string;
  expect(text.split('\n')).toHaveLength(ids.length + 1);
  await until('the first to be over', () => robot.store.readers === 0);
  const second = await unread('/tickets/export');
  await until('the second to be under way', () => robot.store.readers === 1);
  second.destroy();
  await until('the second to be over', () => robot.store.readers === 0);
  for await (const { id } of robot.client.tickets.export()) {
    expect(id).toBe(ids[0]);
    break;
  }
  await until('the third to be over', () => robot.store.readers === 0);
});

it('is cut off where its client reads nothing, and where the gateway stops', async () => {
  await using slow = await rig({ stallMs: 200, graceMs: 100 });
  const other = robot;
  robot = slow;
  stored(2_000);
  const socket = await connect(slow.socketPath);
  socket.pause();
  socket.write('GET /tickets/export HTTP/1.1\r\nHost: x\r\n\r\n');
  await until('it to be under way', () => slow.store.readers === 1);
  await until('it to be cut off', () => slow.store.readers === 0);
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.resume();
  await new Promise((resolve) => socket.once('close', resolve));
  expect(text.endsWith('\r\n0\r\n\r\n')).toBe(false);
  const stopped = (async () => {
    for await (const one of slow.client.tickets.export()) if (one.attempts === 0) await slow.face.stop();
  })();
  expect(await refusal(stopped)).toMatchObject({ code: 'gateway-unreachable' });
  robot = other;
});

it('is had four times at once, three of them over TCP, and ends with the token', async () => {
  await using tcp = await tcpRig();
  const other = robot;
  robot = tcp;
  stored(2_000);
  const token = await tcp.token('viewer');
  const others = await Promise.all([1, 2, 3, 4].map(() => unread('/tickets/export')));
  const fifth = await ask(tcp.socketPath, { path: '/tickets/export' });
  expect([fifth.status, JSON.parse(fifth.text)]).toMatchObject([503, { code: 'too-many-clients' }]);
  for (const one of others) one.destroy();
  await until('room', () => tcp.store.readers === 0);
  const viewed = await tcp.askFromAfar({ path: '/tickets/export?status=cancelled' }, token);
  expect(viewed.status).toBe(200);
  expect(viewed.text.trimEnd().split('\n')).toHaveLength(667);
  expect((await tcp.askFromAfar({ path: '/tickets/export' })).status).toBe(401);
  robot = other;
});
