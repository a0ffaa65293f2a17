import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TicketMove } from '@rovi/conductor';
import type { Ticket, TicketDetail, TicketStatus } from '@rovi/contract';
import { RoviError, ticketStatuses } from '@rovi/contract';
import { expect, it } from 'vitest';
import type { SqliteTicketStore } from './sqlite-ticket-store.js';
import { actor, at, done, idOf, processesOf, storeAt, ticket } from './tickets.fixture.js';

/** `ROVI_TICKET_KILLS=300` for as many; without it as many as there is time for. */
const kills = Number(process.env['ROVI_TICKET_KILLS'] ?? 60);
const budget = process.env['ROVI_TICKET_KILLS'] === undefined ? 25_000 : 3_600_000;

/** What one ticket may do next; a failed one is forced. */
const ways: Readonly<Record<TicketStatus, readonly TicketStatus[]>> = {
  pending: ['queued', 'queued', 'queued', 'cancelled'],
  queued: ['executing', 'executing', 'cancelled'],
  executing: ['completed', 'failed', 'cancelled'],
  failed: ['queued'],
  completed: [],
  cancelled: [],
};

/** Everything that was asked for, and what was said of it. */
class Ledger {
  readonly created = new Set<string>();
  /** By the reason of a step, of which no two are alike: the ticket of those that were answered with a ticket. */
  readonly taken = new Map<string, string>();
  /** Those that were answered with null. */
  readonly missed = new Set<string>();
  unknown = 0;
  #answers = 0;
  #awaited: { readonly number: number; readonly resolve: () => void } | null = null;

  /** Resolves after so many more answers. */
  answered(more: number): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = { number: this.#answers + more, resolve };
    });
  }

  /** What was answered; undefined where the process was killed before. */
  async told<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      const value = await answer;
      this.#answers += 1;
      if (this.#awaited !== null && this.#answers >= this.#awaited.number) this.#awaited.resolve();
      return value;
    } catch (error) {
      if (!(error instanceof RoviError) || error.code !== 'tickets-unavailable') throw error;
      this.unknown += 1;
      // Between two processes the next call is refused at once.
      await pause(2);
      return undefined;
    }
  }
}

/** Creates tickets and takes them through their lives; every step is wanted by two at once. */
async function work(store: SqliteTicketStore, ledger: Ledger, next: () => number | null): Promise<void> {
  for (let number = next(); number !== null; number = next()) {
    const id = idOf(number);
    const created = await ledger.told(store.create(ticket(number)).then(() => true));
    if (created === true) ledger.created.add(id);
    let known: Ticket | null | undefined = await ledger.told(store.read(id));
    for (let step = 0; step < 12; step += 1) {
      // Not known: look, for it was done or it was not.
      if (known === undefined) known = await ledger.told(store.read(id));
      if (known === undefined) continue;
      const choices: readonly TicketStatus[] = known === null ? [] : ways[known.status];
      if (known === null || choices.length === 0) break;
      const from = known.status;
      const moves = [0, 1].map((rival): TicketMove => {
        const to = choices[randomInt(choices.length)] ?? 'cancelled';
        const reason = `${id} ${step} ${rival}`;
        const outcome = from === 'executing' ? { outcome: done } : {};
        return { id, from: [from], to, at: at(step), actor, reason, ...outcome };
      });
      const answers = await Promise.all(moves.map((one) => ledger.told(store.move(one))));
      answers.forEach((answer, index) => {
        const reason = moves[index]?.reason ?? '';
        if (answer === null) ledger.missed.add(reason);
        else if (answer !== undefined) ledger.taken.set(reason, id);
      });
      known = answers.find((answer) => answer !== null && answer !== undefined);
    }
  }
}

/** That the ticket's own story holds together. */
function expectSound({ transitions, attempt_list: attempts, ...one }: TicketDetail): void {
  expect(transitions[0]).toMatchObject({ from: null, to: 'pending' });
  for (const [index, { from, to }] of transitions.entries()) {
    if (index === 0) continue;
    expect(from).toBe(transitions[index - 1]?.to);
    expect(ways[from ?? 'completed']).toContain(to);
  }
  expect(transitions.at(-1)?.to).toBe(one.status);
  expect(attempts).toHaveLength(one.attempts);
  expect(transitions.filter(({ to }) => to === 'executing')).toHaveLength(one.attempts);
  const open = attempts.filter(({ ended_at: ended }) => ended === null);
  expect(open).toHaveLength(one.status === 'executing' ? 1 : 0);
  expect(one.completed_at !== null).toBe(['completed', 'failed', 'cancelled'].includes(one.status));
}

it(
  'loses nothing that it answered, and takes no step twice, however often it is killed',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rovi-tickets-'));
    const path = join(folder, 'tickets.db');
    const ledger = new Ledger();
    const { store } = storeAt(path);
    const end = performance.now() + budget;
    let killed = 0;
    let number = 0;
    try {
      // Where all takes longer, what is asserted below is waited for.
      const isOver = (): boolean =>
        killed >= kills || (performance.now() > end && killed > 4 && ledger.taken.size > 50);
      const workers = Promise.all(
        Array.from({ length: 8 }, () => work(store, ledger, () => (isOver() ? null : (number += 1)))),
      );
      while (!isOver()) {
        // Also at once: while it starts, opens the file and mends the log.
        const wanted = randomInt(120);
        if (wanted > 0) await Promise.race([ledger.answered(wanted), workers]);
        if (randomInt(2) === 0) await pause(randomInt(5));
        const found = processesOf(path);
        for (const pid of found) process.kill(pid, 'SIGKILL');
        killed += found.length;
        if (found.length === 0) await pause(1);
      }
      await workers;
      // Now and then what is outstanding at the end is a killed process's.
      while ((await ledger.told(store.counts())) === undefined);

      const counts = new Map<string, number>(ticketStatuses.map((status) => [status, 0]));
      const steps = new Map<string, string>();
      const ids = new Set<string>();
      for await (const one of store.export({})) {
        expectSound(one);
        ids.add(one.id);
        counts.set(one.status, (counts.get(one.status) ?? 0) + 1);
        for (const { reason } of one.transitions.slice(1)) {
          expect(steps.has(reason)).toBe(false);
          steps.set(reason, one.id);
        }
      }
      for (const id of ledger.created) expect(ids).toContain(id);
      for (const [reason, id] of ledger.taken) expect(steps.get(reason)).toBe(id);
      for (const reason of ledger.missed) expect(steps.has(reason)).toBe(false);
      expect(await store.counts()).toEqual({ total: ids.size, ...Object.fromEntries(counts) });
      process.stderr.write(
        `${killed} kills: ${ledger.created.size} tickets and ${ledger.taken.size} steps acknowledged, ${ledger.unknown} answers lost with the process\n`,
      );
      expect(killed).toBeGreaterThan(4);
      expect(ledger.taken.size).toBeGreaterThan(50);
    } finally {
      await store.close();
      await rm(folder, { recursive: true });
    }
  },
  budget + 180_000,
);
