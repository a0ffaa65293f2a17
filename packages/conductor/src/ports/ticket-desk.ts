import type {
  Estop,
  ExecuteBody,
  Execution,
  Ticket,
  TicketBody,
  TicketCommandInfo,
  TicketDeskStatus,
  TicketDetail,
  TicketExportQuery,
  TicketList,
  TicketQuery,
  TelemetryEvent,
  TelemetryMetrics,
} from '@rovi/contract';
import type { Request } from './conductor-api.js';

/** Tickets as every face sees them. All that waits for the disk may reject with `tickets-unavailable` or `state-unwritable`. */
export interface TicketDesk {
  /** The state now; never waits. */
  readonly status: TicketDeskStatus;
  /** The registry. */
  readonly commands: readonly TicketCommandInfo[];
  /** Resolves when it is on the disk. Rejects with `ticket-invalid` for a command, parameter or limit that is not kept. */
  create(body: TicketBody, request: Request): Promise<Ticket>;
  /** Rejects with `ticket-unknown`. */
  read(id: string): Promise<TicketDetail>;
  list(query: TicketQuery): Promise<TicketList>;
  /** As the store's: oldest first, read as fast as it is iterated. */
  export(query: TicketExportQuery): AsyncIterable<TicketDetail>;
  /**
   * Asks for the ticket's execution. Resolves when it is queued, on the disk; `finished` when it has come to its end:
   * it never rejects. Rejects with `ticket-unknown`; with `ticket-state` for one that may not be executed (again);
   * with `ticket-invalid`, `estop-active`, `in-maintenance`, `motion-refused` or `motion-unavailable` where the robot
   * may not do it now: then the ticket stays as it was.
   */
  execute(
    body: ExecuteBody,
    request: Request,
  ): Promise<{ readonly ticket: Ticket; readonly finished: Promise<Execution> }>;
  /**
   * Ends it, whatever it does: a motion is stopped in this very turn, before anything is written down. Answers with
   * the ticket as it then is; one that had come to its end already stays as it was. Rejects with `ticket-unknown`;
   * and where it could be stopped and that could not be written down: it is tried until it is.
   */
  cancel(id: string, request: Request): Promise<TicketDetail>;
  /** Stops what moves in this very turn, cancels what executes, and lets nothing begin until it is reset. */
  estop(request: Request): Promise<Estop>;
  /** Begins nothing: what is queued goes on by its turn. */
  resetEstop(request: Request): Promise<Estop>;
  telemetry(): TelemetryMetrics;
  /** Newest first. */
  telemetryEvents(): readonly TelemetryEvent[];
}
