import { resolve } from 'node:path';
import type { TicketMove, TicketStore } from '@rovi/conductor';
import type {
  Actor,
  Estop,
  Ticket,
  TicketCounts,
  TicketDetail,
  TicketExportQuery,
  TicketQuery,
} from '@rovi/contract';
import type { Logger } from './logger.js';
import { TicketProcess } from './ticket-process.js';

/** Milliseconds: cards may take a second for a write, and have pauses of several. */
const DEADLINE = 15_000;
/** Tickets that one request forgets: a few ten milliseconds in which nothing else is written. */
const PRUNED_AT_ONCE = 200;
/** Tickets of one page of an export: what else is asked meanwhile is answered between two of them. */
const EXPORTED_AT_ONCE = 50;

export interface SqliteTicketStoreOptions {
  /** The process of the tickets: `node rovi-tickets.mjs`. */
  readonly command: readonly string[];
  /** The database. It is made where it is not there. */
  readonly path: string;
  readonly logger: Logger;
  /** Milliseconds without an answer after which the process is killed. */
  readonly deadline?: number;
}

/** Tickets in SQLite, in a process of their own (decision 0024). */
export class SqliteTicketStore implements TicketStore {
  readonly #process: TicketProcess;

  constructor({ command, path, logger, deadline = DEADLINE }: SqliteTicketStoreOptions) {
    this.#process = new TicketProcess({ command: [...command, resolve(path)], logger, deadline });
  }

  open(at: string, actor: Actor): Promise<readonly Ticket[]> {
    return this.#process.ask('settle', { at, actor });
  }

  async create(ticket: Ticket): Promise<void> {
    await this.#process.ask('create', { ticket });
  }

  read(id: string): Promise<TicketDetail | null> {
    return this.#process.ask('read', { ticket: id });
  }

  list(query: TicketQuery): Promise<{ readonly tickets: readonly Ticket[]; readonly total: number }> {
    return this.#process.ask('list', { query });
  }

  counts(): Promise<TicketCounts> {
    return this.#process.ask('counts', {});
  }

  move(move: TicketMove): Promise<Ticket | null> {
    return this.#process.ask('move', { move });
  }

  estop(): Promise<Estop> {
    return this.#process.ask('estop', {});
  }

  async setEstop(estop: Estop): Promise<void> {
    await this.#process.ask('setEstop', { estop });
  }

  /** Little by little: what else is asked meanwhile is answered in between. */
  async prune(limits: { readonly before: string; readonly keep: number }): Promise<number> {
    let gone = 0;
    for (;;) {
      const now = await this.#process.ask('prune', { ...limits, limit: PRUNED_AT_ONCE });
      gone += now;
      if (now < PRUNED_AT_ONCE) return gone;
    }
  }

  /** In pages, each of which waits until the one before was taken. */
  async *export(query: TicketExportQuery): AsyncIterable<TicketDetail> {
    for (let after: number | null = 0; after !== null;) {
      const page: { readonly tickets: readonly TicketDetail[]; readonly next: number | null } =
        await this.#process.ask('page', { query, after, limit: EXPORTED_AT_ONCE });
      yield* page.tickets;
      after = page.next;
    }
  }

  close(): Promise<void> {
    return this.#process.close();
  }
}
