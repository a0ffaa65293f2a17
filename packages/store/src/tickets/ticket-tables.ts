import type Database from 'better-sqlite3';
import type { Statement } from 'better-sqlite3';
import type { TicketMove } from '@rovi/conductor';
import type {
  Estop,
  Ticket,
  TicketCounts,
  TicketDetail,
  TicketExportQuery,
  TicketQuery,
  TicketStatus,
} from '@rovi/contract';
import {
  finalTicketStatuses,
  isFinalTicketStatus,
  mayTicketGo,
  RoviError,
  ticketStatuses,
} from '@rovi/contract';
import { BUCKET_BITS } from './schema.js';
import { sqliteCode } from './sqlite-problem.js';
import type { AttemptRow, TicketRow, TransitionRow } from './ticket-row.js';
import { attemptOf, jsonOrNull, ticketOf, transitionOf } from './ticket-row.js';

/** Larger than any place: a page that begins with the newest. */
const NEWEST = Number.MAX_SAFE_INTEGER;

/** What is read from and written to the tables. Everything that writes is to be called inside a transaction. */
export class TicketTables {
  readonly #database: Database;
  readonly #statements = new Map<string, Statement>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** Throws `ticket-state` where the id is taken. */
  create(ticket: Ticket): void {
    let seq: number | bigint;
    try {
      seq = this.#sql(
        `INSERT INTO tickets (id, status, command, params, priority, timeout_seconds, metadata, created_at,
           updated_at, started_at, completed_at, result, error, error_code, dry_run, actor, attempts)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ).run(
        ticket.id,
        ticket.status,
        ticket.command,
        JSON.stringify(ticket.params),
        ticket.priority,
        ticket.timeout_seconds,
        JSON.stringify(ticket.metadata),
        ticket.created_at,
        ticket.updated_at,
        ticket.started_at,
        ticket.completed_at,
        jsonOrNull(ticket.result),
        ticket.error,
        ticket.error_code,
        ticket.dry_run ? 1 : 0,
        JSON.stringify(ticket.actor),
        ticket.attempts,
      ).lastInsertRowid;
    } catch (cause) {
      if (sqliteCode(cause) !== 'SQLITE_CONSTRAINT_UNIQUE') throw cause;
      throw new RoviError('ticket-state', `there is a ticket ${ticket.id} already`, { cause });
    }
    this.#sql(`INSERT INTO transitions VALUES (?, 1, ?, NULL, ?, ?, '')`).run(
      seq,
      ticket.created_at,
      ticket.status,
      JSON.stringify(ticket.actor),
    );
  }

  /** Null where the ticket is in none of `from`, or is not there. Throws `internal` for a step that no ticket takes. */
  move({ id, from, to, at, actor, reason, outcome }: TicketMove): Ticket | null {
    const row = this.#row(id);
    if (row === undefined || !from.includes(row.status)) return null;
    if (!mayTicketGo(row.status, to)) {
      throw new RoviError('internal', `${id}: no ticket goes from ${row.status} to ${to}`);
    }
    const begins = to === 'executing';
    const ends = isFinalTicketStatus(to);
    const result = jsonOrNull(outcome?.result ?? null);
    const error = outcome?.error ?? null;
    const errorCode = outcome?.errorCode ?? null;
    const attempts = row.attempts + (begins ? 1 : 0);
    this.#sql(
      `UPDATE tickets SET status = ?, updated_at = ?, started_at = ?, completed_at = ?, result = ?, error = ?,
         error_code = ?, attempts = ? WHERE seq = ?`,
    ).run(
      to,
      at,
      begins ? at : row.started_at,
      ends ? at : null,
      ends ? result : null,
      ends ? error : null,
      ends ? errorCode : null,
      attempts,
      row.seq,
    );
    this.#sql(
      `INSERT INTO transitions
         SELECT ?, 1 + coalesce(max(number), 0), ?, ?, ?, ?, ? FROM transitions WHERE ticket = ?`,
    ).run(row.seq, at, row.status, to, JSON.stringify(actor), reason, row.seq);
    if (row.status === 'executing') {
      this.#sql(
        `UPDATE attempts SET ended_at = ?, status = ?, result = ?, error = ?, error_code = ?, execution_time_ms = ?
           WHERE ticket = ? AND number = ?`,
      ).run(at, to, result, error, errorCode, outcome?.executionTimeMs ?? null, row.seq, row.attempts);
    }
    if (begins) {
      this.#sql(
        `INSERT INTO attempts (ticket, number, started_at, status) VALUES (?, ?, ?, 'executing')`,
      ).run(row.seq, attempts, at);
    }
    const moved = this.#row(id);
    return moved === undefined ? null : ticketOf(moved);
  }

  /** Ends what the last run was executing, and takes what it had queued out of the queue. */
  settle(by: Pick<TicketMove, 'at' | 'actor'>): Ticket[] {
    const left = this.#sql(
      `SELECT id, status FROM tickets WHERE status IN ('executing', 'queued') ORDER BY seq`,
    ).all() as Pick<TicketRow, 'id' | 'status'>[];
    const settled = left.map(({ id, status }) =>
      status === 'executing'
        ? this.move({
            ...by,
            id,
            from: ['executing'],
            to: 'failed',
            reason: 'the gateway ended while it was executing',
            outcome: {
              result: null,
              error: 'The gateway ended while it was executing.',
              errorCode: 'ticket-interrupted',
              executionTimeMs: null,
            },
          })
        : this.move({ ...by, id, from: ['queued'], to: 'pending', reason: 'the gateway restarted' }),
    );
    return settled.filter((ticket) => ticket !== null);
  }

  read(id: string): TicketDetail | null {
    const row = this.#row(id);
    return row === undefined ? null : this.#detail(row);
  }

  list({ status, limit, offset }: TicketQuery): { tickets: Ticket[]; total: number } {
    const counts = this.counts();
    const total = counts[status ?? 'total'];
    if (offset >= total) return { tickets: [], total };
    const { below, skip } = this.#place(status, offset);
    const rows = (
      status === undefined
        ? this.#sql(`SELECT * FROM tickets WHERE seq < ? ORDER BY seq DESC LIMIT ? OFFSET ?`).all(
            below,
            limit,
            skip,
          )
        : this.#sql(
            `SELECT * FROM tickets INDEXED BY tickets_by_status WHERE status = ? AND seq < ?
               ORDER BY seq DESC LIMIT ? OFFSET ?`,
          ).all(status, below, limit, skip)
    ) as TicketRow[];
    return { tickets: rows.map(ticketOf), total };
  }

  counts(): TicketCounts {
    const rows = this.#sql(`SELECT status, sum(n) AS n FROM ticket_counts GROUP BY status`).all() as {
      status: TicketStatus;
      n: number;
    }[];
    const of = new Map(rows.map(({ status, n }) => [status, n]));
    const counts = Object.fromEntries(ticketStatuses.map((status) => [status, of.get(status) ?? 0]));
    return { total: rows.reduce((sum, { n }) => sum + n, 0), ...counts } as TicketCounts;
  }

  estop(): Estop {
    const row = this.#sql('SELECT active, since, actor, reason FROM estop').get() as {
      active: number;
      since: string | null;
      actor: string | null;
      reason: string;
    };
    const actor = row.actor === null ? null : (JSON.parse(row.actor) as Estop['actor']);
    return { active: row.active !== 0, since: row.since, actor, reason: row.reason, stored: true };
  }

  setEstop({ active, since, actor, reason }: Estop): void {
    this.#sql('UPDATE estop SET active = ?, since = ?, actor = ?, reason = ?').run(
      active ? 1 : 0,
      since,
      jsonOrNull(actor),
      reason,
    );
  }

  /** Forgets at most `limit` of those that came to their end before `before`, or are the oldest beyond `keep`. */
  prune({ before, keep, limit }: { before: string; keep: number; limit: number }): number {
    const counts = this.counts();
    const ended = finalTicketStatuses.reduce((sum, status) => sum + counts[status], 0);
    const old = this.#sql(
      `SELECT seq, completed_at FROM tickets INDEXED BY tickets_by_end WHERE completed_at IS NOT NULL
         ORDER BY completed_at, seq LIMIT ?`,
    ).all(limit) as { seq: number; completed_at: string }[];
    const gone = old.filter(({ completed_at: at }, index) => at < before || index < ended - keep);
    for (const { seq } of gone) this.#sql('DELETE FROM tickets WHERE seq = ?').run(seq);
    return gone.length;
  }

  /** In the order of creation, those after `after`. */
  page(
    { status }: TicketExportQuery,
    { after, limit }: { after: number; limit: number },
  ): { tickets: TicketDetail[]; next: number | null } {
    const rows = (
      status === undefined
        ? this.#sql('SELECT * FROM tickets WHERE seq > ? ORDER BY seq LIMIT ?').all(after, limit)
        : this.#sql(
            `SELECT * FROM tickets INDEXED BY tickets_by_status WHERE status = ? AND seq > ?
               ORDER BY seq LIMIT ?`,
          ).all(status, after, limit)
    ) as TicketRow[];
    const next = rows.length < limit ? null : (rows.at(-1)?.seq ?? null);
    return { tickets: rows.map((row) => this.#detail(row)), next };
  }

  /**
   * Where the page begins: `skip` tickets before the newest whose place is below `below`. OFFSET itself goes over every
   * row, which takes a second a million on a small computer.
   */
  #place(status: TicketStatus | undefined, offset: number): { below: number; skip: number } {
    const buckets = (
      status === undefined
        ? this.#sql(
            'SELECT bucket, sum(n) AS n FROM ticket_counts GROUP BY bucket ORDER BY bucket DESC',
          ).iterate()
        : this.#sql('SELECT bucket, n FROM ticket_counts WHERE status = ? ORDER BY bucket DESC').iterate(
            status,
          )
    ) as IterableIterator<{ bucket: number; n: number }>;
    let skip = offset;
    for (const { bucket, n } of buckets) {
      if (n > skip) return { below: (bucket + 1) * 2 ** BUCKET_BITS, skip };
      skip -= n;
    }
    return { below: NEWEST, skip: offset };
  }

  #detail(row: TicketRow): TicketDetail {
    const transitions = this.#sql('SELECT * FROM transitions WHERE ticket = ? ORDER BY number').all(
      row.seq,
    ) as TransitionRow[];
    const attempts = this.#sql('SELECT * FROM attempts WHERE ticket = ? ORDER BY number').all(
      row.seq,
    ) as AttemptRow[];
    return {
      ...ticketOf(row),
      transitions: transitions.map(transitionOf),
      attempt_list: attempts.map(attemptOf),
    };
  }

  #row(id: string): TicketRow | undefined {
    return this.#sql('SELECT * FROM tickets WHERE id = ?').get(id) as TicketRow | undefined;
  }

  #sql(text: string): Statement {
    const known = this.#statements.get(text);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(text);
    this.#statements.set(text, statement);
    return statement;
  }
}
