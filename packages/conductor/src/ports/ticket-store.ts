import type {
  Actor,
  ErrorCode,
  Estop,
  Ticket,
  TicketCounts,
  TicketDetail,
  TicketExportQuery,
  TicketQuery,
  TicketStatus,
} from '@rovi/contract';

/** One step of a ticket's life, to be taken whole or not at all. */
export interface TicketMove {
  readonly id: string;
  /** Taken only where the ticket is in one of these. */
  readonly from: readonly TicketStatus[];
  readonly to: TicketStatus;
  /** RFC 3339. */
  readonly at: string;
  readonly actor: Actor;
  /** Empty where the step says it. */
  readonly reason: string;
  /** What an attempt came to; with a step out of `executing`. */
  readonly outcome?: {
    readonly result: Readonly<Record<string, unknown>> | null;
    readonly error: string | null;
    readonly errorCode: ErrorCode | null;
    /** Milliseconds on the monotonic clock; null where nobody measured them. */
    readonly executionTimeMs: number | null;
  };
}

/**
 * Where tickets are kept. What a promise was resolved for is on the disk: neither kill -9 nor a power cut loses it.
 * Everything may reject with `tickets-unavailable` (it cannot be opened, its process is gone) or `state-unwritable`
 * (no room, a broken disk); nothing of what rejected was taken, or it was not acknowledged and is found by {@link open}.
 */
export interface TicketStore {
  /**
   * Opens it, and settles what the last run left behind: what was executing has `failed` (`ticket-interrupted`), what
   * was queued is `pending` again, for nothing moves because a gateway came back. Answers with those tickets.
   */
  open(at: string, actor: Actor): Promise<readonly Ticket[]>;
  /** Keeps a new ticket. Rejects with `ticket-state` where its id is taken. */
  create(ticket: Ticket): Promise<void>;
  /** Null where there is none. */
  read(id: string): Promise<TicketDetail | null>;
  /** Newest first, and how many there are in all that the query matches. */
  list(query: TicketQuery): Promise<{ readonly tickets: readonly Ticket[]; readonly total: number }>;
  /**
   * Every ticket that the query matches, oldest first; read little by little, so that what is created or goes on
   * meanwhile may be among it as it was or as it is. Whoever ends the iteration ends the reading.
   */
  export(query: TicketExportQuery): AsyncIterable<TicketDetail>;
  counts(): Promise<TicketCounts>;
  /**
   * Takes the step, with `updated_at`; a step to `executing` begins an attempt (`started_at`, `attempts`), one out of
   * it ends that, a final one sets `completed_at`, result and error. Null where the ticket is in none of `from`, or is
   * not there: then nothing is changed.
   */
  move(move: TicketMove): Promise<Ticket | null>;
  estop(): Promise<Estop>;
  setEstop(estop: Estop): Promise<void>;
  /** Forgets what came to its end before `before` (RFC 3339), and the oldest of those beyond `keep`; answers with how many. */
  prune(limits: { readonly before: string; readonly keep: number }): Promise<number>;
  close(): Promise<void>;
}
