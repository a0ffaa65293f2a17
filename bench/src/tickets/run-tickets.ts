import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TicketQuery } from '@rovi/contract';
import { SqliteTicketStore } from '@rovi/store';
import { REPOSITORY } from '@rovi/testbed';
import { busyPercent, machineFacts } from '../machine.js';
import { monotonicMs } from '../monotonic.js';
import type { Progress } from '../run.js';
import { shuffled } from '../statistics.js';
import { ACTOR, benchTicket } from './bench-ticket.js';
import { pythonCreates, sqlPages } from './python-rival.js';
import type { TicketsPlan } from './tickets-plan.js';
import type { CreateSamples, Creator, PageSamples, TicketsResults } from './tickets-results.js';
import { CREATORS } from './tickets-results.js';

const MANY = 64;
const now = (): string => new Date().toISOString();

/** Measures the store of tickets with its process as installed, on the file system of this repository. */
export async function runTickets(
  plan: TicketsPlan,
  command: string,
  progress: Progress,
): Promise<TicketsResults> {
  const begin = monotonicMs();
  const busyBefore = await busyPercent();
  mkdirSync(join(REPOSITORY, 'test-output'), { recursive: true });
  const folder = mkdtempSync(join(REPOSITORY, 'test-output/bench-tickets-'));
  const tell = (text: string): void => progress(`tickets: ${text}`);
  const stores: SqliteTicketStore[] = [];
  const storeAt = (name: string): SqliteTicketStore => {
    const store = new SqliteTicketStore({
      command: [process.execPath, join(REPOSITORY, 'dist/rovi-tickets.mjs')],
      path: join(folder, name),
      logger: { warn: (_, message) => tell(message) },
    });
    stores.push(store);
    return store;
  };
  try {
    const [empty, lives_, full] = [storeAt('rovi.db'), storeAt('lives.db'), storeAt('full.db')];
    for (const store of [empty, lives_, full]) await store.open(now(), ACTOR);
    tell('creates');
    const creates = await measureCreates(plan, empty, join(folder, 'python.db'));
    tell('whole lives');
    const lives = await measureLives(plan, lives_);
    tell(`storing ${plan.stored}`);
    await inParallel(1_000, plan.stored, (index) =>
      full.create(
        benchTicket(index, index % 20 === 0 ? 'pending' : index % 20 === 1 ? 'failed' : 'completed'),
      ),
    );
    tell('pages');
    const pages = await measurePages(plan, full, join(folder, 'full.db'));
    tell('creates beside them');
    const beside = await timed(MANY, plan.creates * plan.rounds, (index) =>
      full.create(benchTicket(plan.stored + index)),
    );
    await full.close();
    const opening = storeAt('full.db');
    const opens = monotonicMs();
    await opening.open(now(), ACTOR);
    const opensMs = monotonicMs() - opens;
    return {
      date: now().slice(0, 10),
      command,
      minutes: (monotonicMs() - begin) / 60_000,
      machine: await machineFacts([busyBefore, await busyPercent()]),
      plan,
      fileSystem: execFileSync('stat', ['-f', '-c', '%T', folder], { encoding: 'utf8' }).trim(),
      creates,
      lives,
      full: { ms: beside.ms, rates: [beside.rate] },
      pages,
      file: { mebibytes: statSync(join(folder, 'full.db')).size / 2 ** 20, opensMs },
    };
  } finally {
    for (const store of stores) await store.close();
    rmSync(folder, { recursive: true });
  }
}

async function measureCreates(
  plan: TicketsPlan,
  store: SqliteTicketStore,
  python: string,
): Promise<Record<Creator, CreateSamples>> {
  const samples = { python: [], one: [], many: [] } as Record<Creator, { ms: number[]; rate: number }[]>;
  let next = 0;
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const creator of shuffled(Object.keys(CREATORS) as Creator[])) {
      const first = next;
      next += plan.creates;
      samples[creator].push(
        creator === 'python'
          ? await pythonRound(plan, python, first)
          : await timed(creator === 'one' ? 1 : MANY, plan.creates, (index) =>
              store.create(benchTicket(first + index)),
            ),
      );
    }
  }
  const sum = (rounds: { ms: number[]; rate: number }[]): CreateSamples => ({
    ms: rounds.flatMap(({ ms }) => ms),
    rates: rounds.map(({ rate }) => rate),
  });
  return { python: sum(samples.python), one: sum(samples.one), many: sum(samples.many) };
}

async function pythonRound(
  plan: TicketsPlan,
  path: string,
  first: number,
): Promise<{ ms: number[]; rate: number }> {
  const tickets = Array.from({ length: plan.creates }, (_, index) => benchTicket(first + index));
  const ms = await pythonCreates(
    path,
    tickets.map((ticket) => [ticket.id, JSON.stringify(ticket)]),
  );
  return { ms, rate: (1000 * ms.length) / ms.reduce((all, one) => all + one, 0) };
}

async function measureLives(plan: TicketsPlan, store: SqliteTicketStore): Promise<number[]> {
  const rates: number[] = [];
  const done = { result: { executed: true }, error: null, errorCode: null, executionTimeMs: 1 };
  for (let round = 0; round < plan.rounds; round += 1) {
    const { rate } = await timed(MANY, plan.creates, async (index) => {
      const ticket = benchTicket(round * plan.creates + index);
      const step = { id: ticket.id, at: ticket.created_at, actor: ACTOR, reason: '' };
      await store.create(ticket);
      await store.move({ ...step, from: ['pending'], to: 'queued' });
      await store.move({ ...step, from: ['queued'], to: 'executing' });
      const last = await store.move({ ...step, from: ['executing'], to: 'completed', outcome: done });
      if (last?.status !== 'completed') throw new Error(`${ticket.id} did not complete`);
    });
    rates.push(rate);
  }
  return rates;
}

async function measurePages(
  plan: TicketsPlan,
  store: SqliteTicketStore,
  path: string,
): Promise<PageSamples[]> {
  const deep = plan.stored * 0.9;
  const pages: { text: string; query: Partial<TicketQuery>; where: string }[] = [
    { text: 'newest', query: { offset: 0 }, where: '' },
    { text: `offset ${deep}`, query: { offset: deep }, where: '' },
    {
      text: `completed, offset ${plan.stored * 0.8}`,
      query: { status: 'completed', offset: plan.stored * 0.8 },
      where: "WHERE status = 'completed'",
    },
    {
      text: `pending, offset ${plan.stored * 0.04}`,
      query: { status: 'pending', offset: plan.stored * 0.04 },
      where: "WHERE status = 'pending'",
    },
  ];
  const read: PageSamples[] = [];
  for (const { text, query, where } of pages) {
    const { ms } = await timed(1, plan.reads, async () => {
      const { tickets } = await store.list({ limit: 100, offset: 0, ...query });
      if (tickets.length !== 100) throw new Error(`${text}: ${tickets.length} tickets`);
    });
    read.push({ text, rovi: ms, sql: await sqlPages(path, where, query.offset ?? 0, plan.reads) });
  }
  const { ms } = await timed(1, plan.reads, () => store.counts());
  return [...read, { text: 'the counts', rovi: ms, sql: [] }];
}

/** Milliseconds of each, and how many a second, with so many at a time. */
async function timed(
  atOnce: number,
  count: number,
  work: (index: number) => Promise<unknown>,
): Promise<{ ms: number[]; rate: number }> {
  const ms: number[] = [];
  const begin = monotonicMs();
  await inParallel(atOnce, count, async (index) => {
    const since = monotonicMs();
    await work(index);
    ms.push(monotonicMs() - since);
  });
  return { ms, rate: (1000 * count) / (monotonicMs() - begin) };
}

async function inParallel(
  atOnce: number,
  count: number,
  work: (index: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) await work(index);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
