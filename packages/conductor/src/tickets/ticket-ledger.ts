import type {
  Actor,
  Ticket,
  TicketCounts,
  TicketDetail,
  TicketExportQuery,
  TicketList,
  TicketQuery,
  TicketStatus,
} from '@rovi/contract';
import { mayTicketGo, RoviError } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import type { TicketMove, TicketStore } from '../ports/ticket-store.js';
import { counted, noTickets } from './ticket-counts.js';
import { unknownTicket } from './ticket-reading.js';

/** Milliseconds between two attempts: at first, and at most. */
const RETRY_MS = 2_000;
const LONGEST_MS = 60_000;
/** Milliseconds between two looks at what is kept too long. */
const PRUNE_MS = 3_600_000;

/** The conductor itself, as who took a step. */
export const SELF: Actor = { name: 'rovi', face: 'conductor', verified: true };

export interface TicketLedgerOptions {
  readonly store: TicketStore;
  readonly clock: Clock;
  readonly retention: { readonly days: number; readonly tickets: number };
  /** Called once the store is open, before any ticket can be had. */
  readonly opened: () => Promise<void>;
  /** A ticket is new or went on; null where the ledger itself is open, or is not. */
  readonly tell: (ticket: Ticket | null) => void;
  /** Sets right what a fault of the store may have left; rejects where it cannot yet, or nothing can be written. */
  readonly mend: () => Promise<void>;
  readonly onFault: (error: unknown) => void;
}

/** The store as the desk uses it: opened in the background, counted, pruned; every step is told once it is on the disk. */
export class TicketLedger {
  readonly #options: TicketLedgerOptions;
  readonly #closing = new AbortController();
  #open = false;
  #mending = false;
  /** Why the last step could not be written down; null where it could, or can be again. */
  #refusal: RoviError | null = null;
  /** Writes that were refused: one that comes while others are set right is set right after them. */
  #faults = 0;
  /** What was said last of why it is not open: the same is said once. */
  #said = '';
  #fault = new RoviError('tickets-unavailable', 'tickets are not open yet');
  #counts: TicketCounts = noTickets;

  constructor(options: TicketLedgerOptions) {
    this.#options = options;
  }

  /** Null where tickets can be had. */
  get fault(): RoviError | null {
    return this.#open ? null : this.#fault;
  }

  /** Why tickets cannot be stored now; null where they can. Those that are there can be read all the same. */
  get obstacle(): RoviError | null {
    return this.fault ?? this.#refusal;
  }

  get counts(): TicketCounts {
    return this.#counts;
  }

  /** Resolves when the first attempt to open has ended, whatever came of it; it is tried until it is open. */
  async start(): Promise<void> {
    if (!(await this.#openStore())) void this.#keepOpening();
    void this.#keepPruning();
  }

  async stop(): Promise<void> {
    this.#closing.abort();
    await this.#options.store.close();
  }

  /** Throws `tickets-unavailable`. */
  requireOpen(): void {
    if (this.#open) return;
    const { message, mend } = this.#fault;
    throw new RoviError('tickets-unavailable', message, { mend, cause: this.#fault });
  }

  async create(ticket: Ticket): Promise<void> {
    this.requireOpen();
    await this.#written(this.#options.store.create(ticket));
    this.#counts = counted(this.#counts, null, ticket.status);
  }

  /** Rejects with `ticket-unknown`. */
  async read(id: string): Promise<TicketDetail> {
    this.requireOpen();
    const found = await this.#options.store.read(id);
    if (found === null) throw unknownTicket(id);
    return found;
  }

  async list(query: TicketQuery): Promise<TicketList> {
    this.requireOpen();
    const { tickets, total } = await this.#options.store.list(query);
    return { tickets: [...tickets], total, limit: query.limit, offset: query.offset };
  }

  async *export(query: TicketExportQuery): AsyncIterable<TicketDetail> {
    this.requireOpen();
    yield* this.#options.store.export(query);
  }

  /** Takes one step from where the ticket is known to be; null where it is there no more, and nothing was changed. */
  async move(
    { id, status: from }: Pick<Ticket, 'id' | 'status'>,
    to: TicketStatus,
    step: Pick<TicketMove, 'actor' | 'reason' | 'outcome'>,
  ): Promise<Ticket | null> {
    if (!mayTicketGo(from, to))
      throw new RoviError('internal', `${id}: no ticket goes from ${from} to ${to}`);
    const move = { id, from: [from], to, at: this.#now(), ...step };
    const moved = await this.#written(this.#options.store.move(move));
    if (moved !== null) this.#counts = counted(this.#counts, from, to);
    return moved;
  }

  /** What was refused may have been written all the same: the answer can be what was lost. */
  async #written<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.refused(error);
      throw error;
    }
  }

  /** Something could not be written down: it is set right as soon as the store takes writes again. */
  refused(error: unknown): void {
    this.#faults += 1;
    this.#refusal = RoviError.from(error);
    void this.#keepMending();
  }

  async #keepMending(): Promise<void> {
    if (this.#mending) return;
    this.#mending = true;
    this.#options.tell(null);
    const { clock, mend, store, tell } = this.#options;
    const { signal } = this.#closing;
    while (this.#mending && !signal.aborted) {
      await clock.sleep(RETRY_MS, signal).catch(() => undefined);
      if (signal.aborted) return;
      const faults = this.#faults;
      try {
        await mend();
        this.#counts = await store.counts();
        this.#mending = this.#faults !== faults;
        if (!this.#mending) this.#refusal = null;
        tell(null);
      } catch {
        // Told by whoever met it first.
      }
    }
  }

  async #openStore(): Promise<boolean> {
    const { store, opened, tell, onFault } = this.#options;
    try {
      const left = await store.open(this.#now(), SELF);
      await opened();
      this.#counts = await store.counts();
      this.#open = true;
      for (const ticket of left) tell(ticket);
    } catch (error) {
      // Closed while it was being opened: that is no fault.
      if (this.#closing.signal.aborted) return false;
      this.#fault = RoviError.from(error);
      if (this.#fault.message !== this.#said) onFault(error);
      else return false;
      this.#said = this.#fault.message;
    }
    tell(null);
    return this.#open;
  }

  async #keepOpening(): Promise<void> {
    const { signal } = this.#closing;
    for (let pause = RETRY_MS; !signal.aborted; pause = Math.min(LONGEST_MS, pause * 2)) {
      await this.#options.clock.sleep(pause, signal).catch(() => undefined);
      if (signal.aborted || (await this.#openStore())) return;
    }
  }

  async #keepPruning(): Promise<void> {
    const { clock, store, retention, onFault } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const before = new Date(clock.now() - retention.days * 86_400_000).toISOString();
        const limits = { before, keep: retention.tickets };
        if (this.#open && (await store.prune(limits)) > 0) this.#counts = await store.counts();
      } catch (error) {
        if (!signal.aborted) onFault(error);
      }
      await clock.sleep(PRUNE_MS, signal).catch(() => undefined);
    }
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
