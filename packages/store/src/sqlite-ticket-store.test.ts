import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TicketDetail } from '@rovi/contract';
import { ticketDetailSchema, ticketSchema } from '@rovi/contract';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SqliteTicketStore } from './sqlite-ticket-store.js';
import { actor, at, done, idOf, move, processesOf, storeAt, ticket } from './tickets.fixture.js';

let folder = '';
let path = '';
let store: SqliteTicketStore;
let warnings: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rovi-tickets-'));
  path = join(folder, 'state', 'tickets.db');
  ({ store, warnings } = storeAt(path));
  expect(await store.open(at(0), actor)).toEqual([]);
});
afterEach(async () => {
  await store.close();
  expect(warnings).toEqual([]);
  expect(processesOf(path)).toEqual([]);
  await rm(folder, { recursive: true });
});

/** What the next run of the gateway finds. */
async function reopened(): Promise<ReturnType<SqliteTicketStore['open']>> {
  await store.close();
  ({ store, warnings } = storeAt(path));
  return store.open(at(9000), { ...actor, name: 'rovi', face: 'conductor' });
}

async function exported(): Promise<TicketDetail[]> {
  const all: TicketDetail[] = [];
  for await (const one of store.export({})) all.push(one);
  return all;
}

describe('the store of tickets', () => {
  it('gives back what it was given, to its owner alone, also after it was closed', async () => {
    const one = ticket(1, { dry_run: true, priority: 'critical', timeout_seconds: 0.25 });
    await store.create(one);
    for (const path_ of [path, `${path}-wal`]) expect((await stat(path_)).mode & 0o777).toBe(0o600);
    await reopened();
    const detail = await store.read(one.id);
    expect(detail).toEqual({
      ...one,
      transitions: [{ at: one.created_at, from: null, to: 'pending', actor, reason: '' }],
      attempt_list: [],
    });
    expect(ticketDetailSchema.parse(detail)).toEqual(detail);
    expect(await store.read(idOf(2))).toBeNull();
  });

  it('refuses an id that is taken, without harm to what came with it', async () => {
    await store.create(ticket(1));
    const [, taken, after] = await Promise.allSettled([
      store.create(ticket(2)),
      store.create(ticket(1, { command: 'stop' })),
      store.create(ticket(3)),
    ]);
    expect(taken).toMatchObject({ status: 'rejected', reason: { code: 'ticket-state' } });
    expect(after).toMatchObject({ status: 'fulfilled' });
    expect((await exported()).map(({ id, command }) => [id, command])).toEqual(
      [1, 2, 3].map((number) => [idOf(number), 'drive']),
    );
  });

  it('takes a ticket through its life, and writes down each step and each attempt', async () => {
    await store.create(ticket(1));
    expect(await store.move(move(1, 'pending', 'queued', { at: at(10) }))).toMatchObject({
      status: 'queued',
      updated_at: at(10),
      started_at: null,
      attempts: 0,
    });
    expect(await store.move(move(1, 'queued', 'executing', { at: at(11) }))).toMatchObject({
      status: 'executing',
      started_at: at(11),
      attempts: 1,
    });
    const failed = {
      result: { distance_traveled: 2 },
      error: 'It took too long.',
      errorCode: 'ticket-timeout',
      executionTimeMs: 30_000.5,
    } as const;
    const ended = await store.move(
      move(1, 'executing', 'failed', { at: at(12), reason: 'timeout', outcome: failed }),
    );
    expect(ended).toMatchObject({
      completed_at: at(12),
      error: 'It took too long.',
      error_code: 'ticket-timeout',
      result: { distance_traveled: 2 },
    });
    const again = await store.move(move(1, 'failed', 'queued', { at: at(13), reason: 'forced' }));
    expect(again).toMatchObject({ completed_at: null, error: null, error_code: null, result: null });
    await store.move(move(1, 'queued', 'executing', { at: at(14) }));
    const last = await store.move(move(1, 'executing', 'completed', { at: at(15), outcome: done }));
    expect(ticketSchema.parse(last)).toEqual({
      ...ticket(1),
      status: 'completed',
      updated_at: at(15),
      started_at: at(14),
      completed_at: at(15),
      result: { distance_traveled: 15 },
      attempts: 2,
    });
    expect(await store.read(idOf(1))).toEqual({
      ...last,
      transitions: [
        { at: at(1), from: null, to: 'pending', actor, reason: '' },
        { at: at(10), from: 'pending', to: 'queued', actor, reason: '' },
        { at: at(11), from: 'queued', to: 'executing', actor, reason: '' },
        { at: at(12), from: 'executing', to: 'failed', actor, reason: 'timeout' },
        { at: at(13), from: 'failed', to: 'queued', actor, reason: 'forced' },
        { at: at(14), from: 'queued', to: 'executing', actor, reason: '' },
        { at: at(15), from: 'executing', to: 'completed', actor, reason: '' },
      ],
      attempt_list: [
        {
          number: 1,
          started_at: at(11),
          ended_at: at(12),
          status: 'failed',
          result: { distance_traveled: 2 },
          error: 'It took too long.',
          error_code: 'ticket-timeout',
          execution_time_ms: 30_000.5,
        },
        {
          number: 2,
          started_at: at(14),
          ended_at: at(15),
          status: 'completed',
          result: { distance_traveled: 15 },
          error: null,
          error_code: null,
          execution_time_ms: 234.5,
        },
      ],
    });
  });

  it('gives a step that many want at once to one of them, and changes nothing for the others', async () => {
    await store.create(ticket(1));
    const taken = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        store.move(
          index % 2 === 0
            ? move(1, 'pending', 'queued', { reason: `${index}` })
            : move(1, 'pending', 'cancelled', { reason: `${index}` }),
        ),
      ),
    );
    expect(taken.filter((one) => one !== null)).toHaveLength(1);
    expect((await store.read(idOf(1)))?.transitions).toHaveLength(2);
    expect(await store.move(move(2, 'pending', 'queued'))).toBeNull();
    expect(await store.move(move(1, 'executing', 'completed', { outcome: done }))).toBeNull();
    expect((await store.read(idOf(1)))?.attempt_list).toEqual([]);
  });

  it('says of a ticket that was cancelled before it began why', async () => {
    await store.create(ticket(1));
    const why = {
      result: null,
      error: 'Not today.',
      errorCode: 'ticket-cancelled',
      executionTimeMs: null,
    } as const;
    const moved = await store.move(move(1, 'pending', 'cancelled', { outcome: why }));
    expect(moved).toMatchObject({
      status: 'cancelled',
      error: 'Not today.',
      error_code: 'ticket-cancelled',
      completed_at: at(1001),
      attempts: 0,
    });
    expect((await store.read(idOf(1)))?.attempt_list).toEqual([]);
  });

  it('takes no step that the table of states does not have', async () => {
    await store.create(ticket(1));
    for (const to of ['executing', 'completed', 'failed'] as const) {
      await expect(store.move(move(1, 'pending', to)), to).rejects.toMatchObject({
        message: `${idOf(1)}: no ticket goes from pending to ${to}`,
      });
    }
    expect(await store.read(idOf(1))).toMatchObject({ status: 'pending', transitions: [{ to: 'pending' }] });
  });

  it('settles when it is opened what the last run left, once', async () => {
    await Promise.all([1, 2, 3, 4].map((number) => store.create(ticket(number))));
    await Promise.all([2, 3, 4].map((number) => store.move(move(number, 'pending', 'queued'))));
    await Promise.all([3, 4].map((number) => store.move(move(number, 'queued', 'executing'))));
    await store.move(move(4, 'executing', 'completed', { outcome: done }));
    const settled = await reopened();
    expect(settled.map(({ id, status, error_code: code }) => [id, status, code])).toEqual([
      [idOf(2), 'pending', null],
      [idOf(3), 'failed', 'ticket-interrupted'],
    ]);
    const [two, three] = [await store.read(idOf(2)), await store.read(idOf(3))];
    expect(two?.transitions.at(-1)).toMatchObject({
      from: 'queued',
      to: 'pending',
      at: at(9000),
      actor: { name: 'rovi' },
      reason: 'the gateway restarted',
    });
    expect(three).toMatchObject({ completed_at: at(9000), attempts: 1 });
    expect(three?.attempt_list).toEqual([
      expect.objectContaining({
        status: 'failed',
        ended_at: at(9000),
        error_code: 'ticket-interrupted',
        execution_time_ms: null,
      }),
    ]);
    expect(await reopened()).toEqual([]);
  });

  it('keeps the e-stop', async () => {
    expect(await store.estop()).toEqual({
      active: false,
      since: null,
      actor: null,
      reason: '',
      stored: true,
    });
    const active = { active: true, since: at(5), actor, reason: 'smoke', stored: true };
    await store.setEstop(active);
    await reopened();
    expect(await store.estop()).toEqual(active);
  });

  it('lists every page, newest first, whatever was forgotten in between', async () => {
    // More than two of the buckets in which they are counted.
    const number = 2600;
    await Promise.all(Array.from({ length: number }, (_, index) => store.create(ticket(index))));
    const ends = Array.from({ length: number }, (_, index) => index).filter((index) => index % 3 !== 0);
    await Promise.all(ends.map((index) => store.move(move(index, 'pending', 'cancelled'))));
    const before = at(1000 + 1200);
    expect(await store.prune({ before, keep: 1_000_000 })).toBe(ends.filter((index) => index < 1200).length);
    const all = (await exported()).reverse();
    expect(all).toHaveLength(number - 800);
    for (const status of [undefined, 'pending', 'cancelled', 'failed'] as const) {
      const wanted = all.filter((one) => status === undefined || one.status === status).map(({ id }) => id);
      const of = status === undefined ? {} : { status };
      for (const offset of [0, 1, 399, 400, 1023, 1024, 1025, 1799, 1800, 5_000_000]) {
        const { tickets, total } = await store.list({ ...of, limit: 100, offset });
        expect(total).toBe(wanted.length);
        expect(tickets.map(({ id }) => id)).toEqual(wanted.slice(offset, offset + 100));
      }
    }
    expect(await store.counts()).toEqual({
      total: 1800,
      pending: 867,
      queued: 0,
      executing: 0,
      completed: 0,
      failed: 0,
      cancelled: 933,
    });
  });

  it('forgets the oldest that ended beyond what is to be kept, and none that has not', async () => {
    await Promise.all(Array.from({ length: 12 }, (_, index) => store.create(ticket(index))));
    await Promise.all([9, 3, 5, 7].map((index) => store.move(move(index, 'pending', 'cancelled'))));
    expect(await store.prune({ before: at(0), keep: 4 })).toBe(0);
    expect(await store.prune({ before: at(0), keep: 1 })).toBe(3);
    expect((await exported()).map(({ id }) => id)).toEqual([0, 1, 2, 4, 6, 8, 9, 10, 11].map(idOf));
    expect(await store.prune({ before: at(9999), keep: 1 })).toBe(1);
    expect(await store.read(idOf(9))).toBeNull();
    expect(await store.counts()).toMatchObject({ total: 8, cancelled: 0, pending: 8 });
  });

  it('exports those of one status in the order of their creation, and the end of the iteration ends the reading', async () => {
    await Promise.all(Array.from({ length: 450 }, (_, index) => store.create(ticket(index))));
    await Promise.all([7, 3, 449, 200].map((index) => store.move(move(index, 'pending', 'cancelled'))));
    const ids: string[] = [];
    for await (const { id, transitions } of store.export({ status: 'cancelled' })) {
      expect(transitions.map(({ to }) => to)).toEqual(['pending', 'cancelled']);
      ids.push(id);
    }
    expect(ids).toEqual([3, 7, 200, 449].map(idOf));
    const some: string[] = [];
    for await (const { id } of store.export({ status: 'pending' })) {
      some.push(id);
      // What has gone on is in the page that was read, and in none that comes.
      if (some.length === 2) await store.move(move(4, 'pending', 'queued'));
      if (some.length === 300) await store.move(move(440, 'pending', 'queued'));
    }
    expect(some).toHaveLength(445);
    expect(some).toContain(idOf(4));
    expect(some).not.toContain(idOf(440));
    for await (const { id } of store.export({})) {
      expect(id).toBe(idOf(0));
      break;
    }
    await store.close();
    const after = store.export({})[Symbol.asyncIterator]();
    await expect(after.next()).rejects.toMatchObject({ code: 'tickets-unavailable' });
  });

  it('answers what it was asked before it was closed, and nothing after', async () => {
    const kept = Array.from({ length: 200 }, (_, index) => store.create(ticket(index)));
    const closed = store.close();
    await expect(store.create(ticket(500))).rejects.toMatchObject({ code: 'tickets-unavailable' });
    await Promise.all(kept);
    await closed;
    expect(await reopened()).toEqual([]);
    expect(await store.counts()).toMatchObject({ total: 200 });
  });
});
