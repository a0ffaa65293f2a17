import type { Actor, Ticket, TicketAttempt, TicketTransition } from '@rovi/contract';

type Stored<Shape, Json extends keyof Shape> = {
  readonly [Key in keyof Shape]: Key extends Json
    ? null extends Shape[Key]
      ? string | null
      : string
    : Shape[Key];
};

/** A row of `tickets`. */
export type TicketRow = Omit<Stored<Ticket, 'params' | 'metadata' | 'result' | 'actor'>, 'dry_run'> & {
  readonly seq: number;
  readonly dry_run: number;
};
/** A row of `transitions`. */
export type TransitionRow = Omit<Stored<TicketTransition, 'actor'>, 'from' | 'to'> & {
  readonly from_status: TicketTransition['from'];
  readonly to_status: TicketTransition['to'];
};
/** A row of `attempts`. */
export type AttemptRow = Stored<TicketAttempt, 'result'>;

type Fields = Record<string, unknown>;
const object = (text: string): Fields => JSON.parse(text) as Fields;
const objectOrNull = (text: string | null): Fields | null => (text === null ? null : object(text));

/** JSON for a column that may be null. */
export const jsonOrNull = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** The ticket that a row of `tickets` is. */
export function ticketOf(row: TicketRow): Ticket {
  return {
    id: row.id,
    command: row.command,
    params: object(row.params),
    priority: row.priority,
    status: row.status,
    timeout_seconds: row.timeout_seconds,
    metadata: object(row.metadata),
    created_at: row.created_at,
    updated_at: row.updated_at,
    started_at: row.started_at,
    completed_at: row.completed_at,
    result: objectOrNull(row.result),
    error: row.error,
    error_code: row.error_code,
    dry_run: row.dry_run !== 0,
    actor: JSON.parse(row.actor) as Actor,
    attempts: row.attempts,
  };
}

/** The transition that a row of `transitions` is. */
export function transitionOf(row: TransitionRow): TicketTransition {
  return {
    at: row.at,
    from: row.from_status,
    to: row.to_status,
    actor: JSON.parse(row.actor) as Actor,
    reason: row.reason,
  };
}

/** The attempt that a row of `attempts` is. */
export function attemptOf(row: AttemptRow): TicketAttempt {
  return {
    number: row.number,
    started_at: row.started_at,
    ended_at: row.ended_at,
    status: row.status,
    result: objectOrNull(row.result),
    error: row.error,
    error_code: row.error_code,
    execution_time_ms: row.execution_time_ms,
  };
}
