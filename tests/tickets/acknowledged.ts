import type { Estop, Execution, Ticket, TicketDetail, TicketStatus } from '@rovi/contract';
import { isFinalTicketStatus, mayTicketGo } from '@rovi/contract';
import { expect } from 'vitest';

/** A call for the e-stop or its reset, by the name of who made it. */
export interface EstopCall {
  readonly active: boolean;
  readonly by: string | null;
}

/**
 * What a gateway has acknowledged to its clients, over all its lives, and what that allows and forbids it to have kept.
 * Every command is made under a name that no other has, so that each step says which command it came from.
 */
export class Acknowledged {
  /** By the name of who created it: tickets of which the creation was answered. */
  readonly created = new Map<string, string>();
  /** By name: the executions that were asked for, of which ticket. */
  readonly #asked = new Map<string, string>();
  /** By ticket: the steps of the longest story that was answered. */
  readonly #stories = new Map<string, TicketDetail['transitions']>();
  /** By ticket: executions that were answered, with who asked. */
  readonly #executed = new Map<string, { readonly by: string; readonly status: TicketStatus }[]>();
  /** By ticket: steps that listeners heard of. */
  readonly #told = new Map<string, { readonly status: TicketStatus; readonly at: string }[]>();
  #estop: EstopCall = { active: false, by: null };
  #estopCall: EstopCall | null = null;
  #names = 0;
  /** Tickets of which something was heard since it was last looked at. */
  readonly touched = new Set<string>();
  answers = 0;

  /** A name that nobody had. */
  name(): string {
    this.#names += 1;
    return `k-${this.#names}`;
  }

  create(by: string, id: string): void {
    this.answers += 1;
    this.created.set(by, id);
    this.touched.add(id);
  }

  asksToExecute(by: string, id: string): void {
    this.#asked.set(by, id);
    this.touched.add(id);
  }

  execution(by: string, { ticket_id: id, status }: Execution): void {
    this.answers += 1;
    added(this.#executed, id, { by, status });
  }

  story({ id, transitions }: TicketDetail): void {
    this.answers += 1;
    if (transitions.length > (this.#stories.get(id)?.length ?? 0)) this.#stories.set(id, transitions);
    this.touched.add(id);
  }

  told(ticket: Ticket): void {
    added(this.#told, ticket.id, { status: ticket.status, at: ticket.updated_at });
    this.touched.add(ticket.id);
  }

  /** What is known of the e-stop: as a client that waited for every answer knows it. */
  get estop(): EstopCall {
    return this.#estop;
  }

  callsEstop(call: EstopCall): void {
    this.#estopCall = call;
  }

  estopped({ active, actor, stored }: Estop): void {
    this.answers += 1;
    expect(stored).toBe(true);
    this.#estop = { active, by: actor?.name ?? null };
    this.#estopCall = null;
  }

  /** The e-stop as a new life of the gateway has it: as it was acknowledged, or as a call that was not answered had it. */
  checkEstop({ active, actor }: Estop): void {
    const now: EstopCall = { active, by: actor?.name ?? null };
    expect([this.#estop, ...(this.#estopCall === null ? [] : [this.#estopCall])]).toContainEqual(now);
    this.#estop = now;
    this.#estopCall = null;
  }

  /** That the ticket has all that was acknowledged of it, and nothing that nobody asked for. */
  check(ticket: TicketDetail): void {
    const { id, transitions } = ticket;
    checkSound(ticket);
    const known = this.#stories.get(id) ?? [];
    expect(transitions.slice(0, known.length)).toEqual(known);
    for (const { status, at } of this.#told.get(id) ?? [])
      expect(transitions.some((step) => step.to === status && step.at === at)).toBe(true);
    // By nobody, or by whom it was not asked, and for none twice.
    const begun = transitions.filter(({ to }) => to === 'queued').map(({ actor }) => actor.name);
    expect(new Set(begun).size).toBe(begun.length);
    for (const by of begun) expect(this.#asked.get(by)).toBe(id);
    for (const [index, { to, actor }] of transitions.entries()) {
      if (to !== 'executing') continue;
      expect(transitions[index - 1]).toMatchObject({ to: 'queued', actor: { name: actor.name } });
    }
    for (const { by, status } of this.#executed.get(id) ?? []) {
      const from = transitions.findIndex(({ to, actor }) => to === 'queued' && actor.name === by);
      expect(from).toBeGreaterThan(0);
      if (!isFinalTicketStatus(status)) continue;
      const end = transitions.slice(from).find(({ to }) => to === 'pending' || isFinalTicketStatus(to));
      expect(end?.to).toBe(status);
    }
    this.touched.delete(id);
  }
}

/** That the ticket's own story holds together. */
function checkSound({ status, transitions, attempts, attempt_list: list }: TicketDetail): void {
  expect(transitions[0]).toMatchObject({ from: null, to: 'pending' });
  for (const [index, { from, to }] of transitions.slice(1).entries()) {
    expect(from).toBe(transitions[index]?.to);
    expect(from !== null && mayTicketGo(from, to)).toBe(true);
  }
  expect(transitions.at(-1)?.to).toBe(status);
  expect(list).toHaveLength(attempts);
  expect(transitions.filter(({ to }) => to === 'executing')).toHaveLength(attempts);
  const ends = transitions.filter(({ from }) => from === 'executing').map(({ to, at }) => [to, at]);
  const ended = list.filter(({ ended_at: at }) => at !== null);
  expect(ended.map(({ status: end, ended_at: at }) => [end, at])).toEqual(ends);
  expect(list.length - ended.length).toBe(status === 'executing' ? 1 : 0);
  // A dry run fails for no other reason.
  for (const attempt of list)
    if (attempt.status === 'failed') expect(attempt.error_code).toBe('ticket-interrupted');
}

function added<T>(lists: Map<string, T[]>, id: string, value: T): void {
  const list = lists.get(id);
  if (list === undefined) lists.set(id, [value]);
  else list.push(value);
}
