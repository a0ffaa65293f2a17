import type { Execution, Ticket } from '@rovi/contract';
import type { Request } from '../ports/conductor-api.js';
import type { BoundCommand } from './ticket-command.js';

/** A ticket that was asked for, until its end. */
export class TicketJob {
  /** As it was last written down. */
  ticket: Ticket;
  readonly bound: BoundCommand;
  readonly request: Request;
  readonly finished: Promise<Execution>;
  #settle: (execution: Execution) => void = () => undefined;

  constructor(ticket: Ticket, bound: BoundCommand, request: Request) {
    this.ticket = ticket;
    this.bound = bound;
    this.request = request;
    this.finished = new Promise((resolve) => (this.#settle = resolve));
  }

  /** Answers who waits; the first answer counts. */
  settle(execution: Execution): void {
    this.#settle(execution);
  }
}
