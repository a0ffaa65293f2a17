import type { Ticket } from '@rovi/contract';
import { printable } from './control-codes.js';
import { RunningLine } from './running-line.js';
import type { Terminal } from './terminal.js';
import { ticketCommandText } from './views/ticket.js';

/** Why what is queued does not begin. */
const STOPPED = 'e-stopped until `rovictl estop reset`';

/**
 * How far a ticket is, on standard error: on a terminal one line that is redrawn, with the time; elsewhere a line when
 * it is queued and one when it begins.
 */
export class TicketProgress {
  readonly #terminal: Terminal;
  readonly #line: RunningLine;
  #current: { readonly ticket: Ticket; readonly since: number } | null = null;
  #stopped = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#line = new RunningLine(terminal);
  }

  /** Takes a later copy of the ticket. */
  update(ticket: Ticket): void {
    if (ticket.status !== 'queued' && ticket.status !== 'executing') {
      this.end();
      return;
    }
    if (this.#current?.ticket.status === ticket.status) return;
    this.#current = { ticket, since: performance.now() };
    if (!this.#terminal.errLive) {
      this.#terminal.err(`· ${ticket.status}: ${printable(ticketCommandText(ticket))}\n`);
      if (this.#stopped && ticket.status === 'queued') this.#terminal.err(`· ${STOPPED}\n`);
      return;
    }
    this.#draw();
  }

  /** Says of a ticket that is queued why it does not begin: the e-stop is active. False: it is not, or no longer. */
  eStopped(active: boolean): void {
    if (this.#stopped === active) return;
    this.#stopped = active;
    if (this.#current?.ticket.status !== 'queued') return;
    if (this.#terminal.errLive) this.#draw();
    else this.#terminal.err(active ? `· ${STOPPED}\n` : '· the e-stop is reset\n');
  }

  /** Clears the line that is redrawn. Must be called at the end. */
  end(): void {
    this.#line.end();
    this.#current = null;
  }

  #draw(): void {
    if (this.#current === null) return;
    const { ticket, since } = this.#current;
    const held = this.#stopped && ticket.status === 'queued' ? `, ${STOPPED}` : '';
    this.#line.show(printable(`${ticket.status}${held}: ${ticketCommandText(ticket)}`), since);
  }
}
