import type { TicketCalls } from '@rovi/client/browser';
import { RoviError } from '@rovi/contract';
import type { Ticket, TicketStatus } from '@rovi/contract';
import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';

/** Which tickets a page of the list has. */
export interface TicketChoice {
  readonly status?: TicketStatus;
  readonly limit: number;
  readonly offset: number;
}

export interface TicketPageState {
  /** Newest first; null until they were read. */
  readonly tickets: readonly Ticket[] | null;
  /** Of all that the choice matches, when it was read. */
  readonly total: number;
  /** Why they could not be read anew. */
  readonly problem: RoviError | null;
}

export interface TicketPageOptions {
  readonly calls: Pick<TicketCalls, 'list'>;
  readonly choice: TicketChoice;
  /** Runs it once what comes in a burst has come; returns what cancels it. */
  readonly soon: (run: () => void) => () => void;
}

/** One page of the list of tickets, kept as it is by what is told of tickets, and read anew where that is not enough. */
export class TicketPage {
  readonly store: StoreApi<TicketPageState> = createStore<TicketPageState>(() => ({
    tickets: null,
    total: 0,
    problem: null,
  }));
  readonly #options: TicketPageOptions;
  /** Told of while a reading was under way: its answer may be older. */
  #told: Ticket[] = [];
  #reading: AbortController | null = null;
  #cancel: (() => void) | null = null;

  constructor(options: TicketPageOptions) {
    this.#options = options;
  }

  /** Reads it; a reading that is under way counts no more. Never rejects. */
  async read(): Promise<void> {
    const { calls, choice } = this.#options;
    this.close();
    const reading = new AbortController();
    this.#reading = reading;
    this.#told = [];
    try {
      const { tickets, total } = await calls.list({ ...choice, signal: reading.signal });
      if (this.#reading !== reading) return;
      const known = this.#told.reduce<readonly Ticket[]>(
        (rows, ticket) => withTicket(rows, ticket, choice),
        tickets,
      );
      this.store.setState({ tickets: known, total, problem: null });
    } catch (error) {
      if (this.#reading === reading) this.store.setState({ problem: RoviError.from(error) });
    } finally {
      if (this.#reading === reading) this.#reading = null;
    }
  }

  /** Something was told of this ticket. */
  hear(ticket: Ticket): void {
    if (this.#reading !== null) this.#told.push(ticket);
    const { tickets } = this.store.getState();
    if (tickets === null) return;
    const { choice, soon } = this.#options;
    const next = withTicket(tickets, ticket, choice);
    if (next !== tickets) this.store.setState({ tickets: next });
    // A row has gone and another follows from the next page, or the rows before this page have become more.
    const shorter = next.length < tickets.length && tickets.length === choice.limit;
    const shifted = choice.offset > 0 && !tickets.some(({ id }) => id === ticket.id);
    if (shorter || shifted) this.#cancel ??= soon(() => void this.read());
  }

  /** Reads no more. */
  close(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#reading?.abort(new RoviError('internal', 'read anew'));
    this.#reading = null;
  }
}

/** The rows of a page after this ticket was told of; the same object where nothing of them changes. */
export function withTicket(
  rows: readonly Ticket[],
  ticket: Ticket,
  { status, limit, offset }: TicketChoice,
): readonly Ticket[] {
  const matches = status === undefined || ticket.status === status;
  const known = rows.find(({ id }) => id === ticket.id);
  if (known !== undefined) {
    if (!isLater(ticket, known)) return rows;
    return matches ? rows.map((row) => (row === known ? ticket : row)) : rows.filter((row) => row !== known);
  }
  if (!matches || offset > 0) return rows;
  const place = rows.findIndex(({ created_at: at }) => at <= ticket.created_at);
  const at = place === -1 ? rows.length : place;
  return at >= limit ? rows : [...rows.slice(0, at), ticket, ...rows.slice(at)].slice(0, limit);
}

const ranks: Readonly<Record<TicketStatus, number>> = {
  pending: 0,
  queued: 1,
  executing: 2,
  completed: 3,
  failed: 3,
  cancelled: 3,
};

/** Whether one is no older than the other word of the same ticket. */
function isLater(one: Ticket, other: Ticket): boolean {
  if (one.updated_at !== other.updated_at) return one.updated_at > other.updated_at;
  if (one.attempts !== other.attempts) return one.attempts > other.attempts;
  return ranks[one.status] >= ranks[other.status];
}
