import type {
  Actor,
  Estop,
  Ticket,
  TicketCounts,
  TicketDetail,
  TicketExportQuery,
  TicketQuery,
} from '@rovi/contract';
import { isFinalTicketStatus, mayTicketGo, RoviError, ticketSchema } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import type { TicketMove, TicketStore } from '../ports/ticket-store.js';
import { counted, noTickets } from './ticket-counts.js';

const FREE: Estop = { active: false, since: null, actor: null, reason: '', stored: true };

/**
 * The port in memory, for tests of what stands on it: every answer takes its time, and may be a refusal. It asserts that
 * no step is taken that the table does not have. packages/store shows the same promises on the disk.
 */
export class MemoryTicketStore implements TicketStore {
  /** By id. What is here is what a disk would have. */
  readonly tickets = new Map<string, TicketDetail>();
  /** Steps that the table does not have. */
  readonly illegal: string[] = [];
  /** How many of the next writes are refused. */
  failing = 0;
  /** How many tickets an export gets to before it is refused; Infinity for none that is. */
  exporting = Infinity;
  /** Exports under way. */
  readers = 0;
  /** Of how many of the next writes the answer is lost: they are written, and refused. */
  losing = 0;
  #estop = FREE;
  readonly #clock: Clock;
  readonly #delayMs: () => number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock, delayMs: () => number = () => 1) {
    this.#clock = clock;
    this.#delayMs = delayMs;
  }

  get stored(): Estop {
    return this.#estop;
  }

  open(at: string, actor: Actor): Promise<readonly Ticket[]> {
    return this.#write(() => {
      const left: Ticket[] = [];
      for (const { id, status } of [...this.tickets.values()]) {
        if (status !== 'executing' && status !== 'queued') continue;
        const to = status === 'executing' ? 'failed' : 'pending';
        const text = 'the gateway ended while it was executing';
        const outcome = {
          result: null,
          error: text,
          errorCode: 'ticket-interrupted' as const,
          executionTimeMs: null,
        };
        const more = status === 'executing' ? { outcome } : {};
        const moved = this.#step({
          id,
          from: [status],
          to,
          at,
          actor,
          reason: 'the gateway restarted',
          ...more,
        });
        if (moved !== null) left.push(moved);
      }
      return left;
    });
  }

  create(ticket: Ticket): Promise<void> {
    return this.#write(() => {
      if (this.tickets.has(ticket.id)) throw new RoviError('ticket-state', `${ticket.id} is taken`);
      const { created_at: at, actor } = ticket;
      const transitions = [{ at, from: null, to: 'pending' as const, actor, reason: '' }];
      this.tickets.set(ticket.id, { ...ticket, transitions, attempt_list: [] });
    });
  }

  read(id: string): Promise<TicketDetail | null> {
    return this.#inOrder(() => this.tickets.get(id) ?? null);
  }

  list({
    status,
    limit,
    offset,
  }: TicketQuery): Promise<{ readonly tickets: Ticket[]; readonly total: number }> {
    return this.#inOrder(() => {
      const all = [...this.tickets.values()]
        .filter((ticket) => status === undefined || ticket.status === status)
        .reverse();
      const page = all.slice(offset, offset + limit);
      return {
        tickets: page.map(shortened),
        total: all.length,
      };
    });
  }

  async *export({ status }: TicketExportQuery): AsyncIterable<TicketDetail> {
    this.readers += 1;
    try {
      let told = 0;
      for (const id of [...this.tickets.keys()]) {
        if (told === this.exporting) throw new RoviError('tickets-unavailable', 'the store went away');
        const ticket = await this.read(id);
        if (ticket === null || (status !== undefined && ticket.status !== status)) continue;
        told += 1;
        yield ticket;
      }
    } finally {
      this.readers -= 1;
    }
  }

  counts(): Promise<TicketCounts> {
    return this.#inOrder(() => this.recount());
  }

  move(move: TicketMove): Promise<Ticket | null> {
    return this.#write(() => this.#step(move));
  }

  estop(): Promise<Estop> {
    return this.#inOrder(() => this.#estop);
  }

  setEstop(estop: Estop): Promise<void> {
    return this.#write(() => void (this.#estop = estop));
  }

  prune(): Promise<number> {
    return Promise.resolve(0);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  recount(): TicketCounts {
    return [...this.tickets.values()].reduce(
      (counts, { status }) => counted(counts, null, status),
      noTickets,
    );
  }

  #step({ id, from, to, at, actor, reason, outcome }: TicketMove): Ticket | null {
    const found = this.tickets.get(id);
    if (found === undefined || !from.includes(found.status)) return null;
    if (!mayTicketGo(found.status, to)) this.illegal.push(`${id}: ${found.status} to ${to}`);
    const number = found.attempts + (to === 'executing' ? 1 : 0);
    const before = found.attempt_list.filter((attempt) => attempt.number !== number);
    const now = found.attempt_list.find((attempt) => attempt.number === number);
    const words = {
      result: outcome?.result ?? null,
      error: outcome?.error ?? null,
      error_code: outcome?.errorCode ?? null,
    };
    const none = { result: null, error: null, error_code: null };
    const begun = { number, started_at: at, ended_at: null, status: to, ...none, execution_time_ms: null };
    const list =
      to === 'executing'
        ? [...before, begun]
        : found.status === 'executing' && now !== undefined
          ? [
              ...before,
              {
                ...now,
                ended_at: at,
                status: to,
                ...words,
                execution_time_ms: outcome?.executionTimeMs ?? null,
              },
            ]
          : found.attempt_list;
    const next: TicketDetail = {
      ...found,
      status: to,
      updated_at: at,
      attempts: number,
      ...(to === 'executing' ? { started_at: at } : {}),
      ...(isFinalTicketStatus(to) ? { completed_at: at, ...words } : { completed_at: null, ...none }),
      transitions: [...found.transitions, { at, from: found.status, to, actor, reason }],
      attempt_list: list,
    };
    this.tickets.set(id, next);
    return shortened(next);
  }

  #write<T>(work: () => T): Promise<T> {
    return this.#inOrder(() => {
      if (this.failing > 0) {
        this.failing -= 1;
        throw new RoviError('state-unwritable', 'no room');
      }
      const answer = work();
      if (this.losing === 0) return answer;
      this.losing -= 1;
      throw new RoviError('tickets-unavailable', 'the store went away');
    });
  }

  /** Answers come in the order of the questions, each after its time: work is done at once, as on a disk that is late. */
  #inOrder<T>(work: () => T): Promise<T> {
    const done = this.#last.then(() => this.#clock.sleep(this.#delayMs())).then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

/** The ticket without what a list leaves out. */
function shortened(detail: TicketDetail): Ticket {
  return ticketSchema.parse(detail);
}
