import { RoviError } from '@rovi/contract';
import type { Ticket, TicketList } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { sampleTicket } from './sample-ticket.fixture.js';
import { TicketPage, withTicket } from './ticket-page.js';
import type { TicketChoice } from './ticket-page.js';

const at = (second: number): string => `2026-11-21T09:30:${String(second).padStart(2, '0')}.000Z`;
const idOf = (number: number): string => `tick-20261121-${String(number).padStart(8, '0')}`;
/** The `number`th ticket, created in that second. */
const ticket = (number: number, part: Partial<Ticket> = {}): Ticket =>
  sampleTicket(idOf(number), { created_at: at(number), updated_at: at(number), ...part });
const numbers = (rows: readonly Ticket[] | null) => rows?.map(({ id }) => Number(id.slice(-8)));

describe('withTicket', () => {
  const all: TicketChoice = { limit: 3, offset: 0 };
  const rows = [ticket(5), ticket(4), ticket(3)];

  it('puts a new one on top, and lets the last of a full page go', () => {
    expect(numbers(withTicket(rows, ticket(6), all))).toEqual([6, 5, 4]);
    expect(numbers(withTicket([ticket(5)], ticket(4), all))).toEqual([5, 4]);
  });

  it('leaves out what belongs to another page', () => {
    expect(withTicket(rows, ticket(2), all)).toBe(rows);
    expect(withTicket(rows, ticket(6), { ...all, offset: 3 })).toBe(rows);
  });

  it('puts one that comes to have the status to its place by age', () => {
    const failed = (number: number) => ticket(number, { status: 'failed' });
    const choice: TicketChoice = { ...all, status: 'failed' };
    expect(numbers(withTicket([failed(5), failed(3)], failed(4), choice))).toEqual([5, 4, 3]);
    expect(withTicket(rows, ticket(6), choice)).toBe(rows);
  });

  it('updates a row, and takes away what has the status no more', () => {
    const begun = ticket(4, { status: 'executing', updated_at: at(9) });
    expect(withTicket(rows, begun, all)[1]).toBe(begun);
    expect(numbers(withTicket(rows, begun, { ...all, status: 'pending' }))).toEqual([5, 3]);
  });

  it('never goes back: an older word of a ticket changes nothing', () => {
    const done = [ticket(1, { status: 'completed', attempts: 1, updated_at: at(9) })];
    const sameMoment = ticket(1, { status: 'executing', attempts: 1, updated_at: at(9) });
    expect(withTicket(done, ticket(1), all)).toBe(done);
    expect(withTicket(done, sameMoment, all)).toBe(done);
    const again = ticket(1, { status: 'queued', attempts: 1, updated_at: at(10) });
    expect(withTicket(done, again, all)).toEqual([again]);
  });
});

/** A page whose readings are answered by the test. */
function rig(choice: TicketChoice) {
  const asked: { answer: (rows: Ticket[], total?: number) => void; refuse: (error: RoviError) => void }[] =
    [];
  let later: (() => void) | null = null;
  const page = new TicketPage({
    calls: {
      list: () =>
        new Promise<TicketList>((resolve, refuse) => {
          asked.push({
            answer: (tickets, total = tickets.length) => resolve({ tickets, total, limit: 3, offset: 0 }),
            refuse,
          });
        }),
    },
    choice,
    soon: (run) => {
      later = run;
      return () => (later = null);
    },
  });
  const nth = (index: number) => {
    const one = asked[index];
    if (one === undefined) throw new Error(`only ${String(asked.length)} were asked`);
    return one;
  };
  return { page, asked, nth, state: () => page.store.getState(), soon: () => later };
}

describe('TicketPage', () => {
  it('what is told of while it is read is not lost to an answer that is older', async () => {
    const { page, nth, state } = rig({ limit: 3, offset: 0 });
    const reading = page.read();
    page.hear(ticket(2));
    page.hear(ticket(1, { status: 'queued', updated_at: at(9) }));
    nth(0).answer([ticket(1)]);
    await reading;
    expect(numbers(state().tickets)).toEqual([2, 1]);
    expect(state().tickets?.[1]?.status).toBe('queued');
  });

  it('the newest reading counts, and a closed page hears nothing of the old ones', async () => {
    const { page, nth, state } = rig({ limit: 3, offset: 0 });
    const readings = [page.read(), page.read()];
    nth(1).answer([ticket(2)]);
    nth(0).answer([ticket(1)]);
    await Promise.all(readings);
    expect(numbers(state().tickets)).toEqual([2]);
    const last = page.read();
    page.close();
    nth(2).refuse(new RoviError('gateway-unreachable', 'gone'));
    await last;
    expect(state().problem).toBeNull();
  });

  it('keeps what it knows where it cannot be read anew, and says why', async () => {
    const { page, nth, state } = rig({ limit: 3, offset: 0 });
    const first = page.read();
    nth(0).answer([ticket(1)]);
    await first;
    const second = page.read();
    nth(1).refuse(new RoviError('tickets-unavailable', 'the store is away'));
    await second;
    expect(state()).toMatchObject({ problem: { code: 'tickets-unavailable' } });
    expect(numbers(state().tickets)).toEqual([1]);
  });

  it('reads anew, once for a burst, where a full page lost rows or a later page has shifted', async () => {
    const full = rig({ status: 'pending', limit: 3, offset: 0 });
    const reading = full.page.read();
    full.nth(0).answer([ticket(5), ticket(4), ticket(3)], 9);
    await reading;
    full.page.hear(ticket(6));
    expect(full.soon()).toBeNull();
    full.page.hear(ticket(4, { status: 'cancelled', updated_at: at(9) }));
    expect(numbers(full.state().tickets)).toEqual([6, 5]);
    full.soon()?.();
    expect(full.asked).toHaveLength(2);

    const later = rig({ limit: 3, offset: 3 });
    const second = later.page.read();
    later.nth(0).answer([ticket(2), ticket(1)]);
    await second;
    later.page.hear(ticket(2, { status: 'queued', updated_at: at(9) }));
    expect(later.soon()).toBeNull();
    later.page.hear(ticket(7));
    expect(later.soon()).not.toBeNull();
  });
});
