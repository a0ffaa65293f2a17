/** What is said of tickets to people: refusals and ends, pure. */
import type { Actor, Execution, Ticket } from '@rovi/contract';
import { RoviError } from '@rovi/contract';

export function unknownTicket(id: string): RoviError {
  return new RoviError('ticket-unknown', `there is no ticket ${id}`, {
    mend: 'Look at the list of tickets: `rovictl ticket list`, `GET /tickets`.',
    context: { ticket_id: id },
  });
}

/** Throws `ticket-state` where the ticket may not be executed (again). */
export function requireExecutable({ id, status, completed_at: at }: Ticket, force: boolean): void {
  if (status === 'pending' || (status === 'failed' && force)) return;
  const [text, mend] =
    status === 'queued' || status === 'executing'
      ? [`${id} is ${status} already`, 'Wait for its end, or cancel it.']
      : status === 'failed'
        ? [`${id} failed at ${at ?? ''}`, 'Run it once more with `force`; both attempts are kept.']
        : [`${id} was ${status} at ${at ?? ''}`, 'Create a new ticket.'];
  throw new RoviError('ticket-state', text, { mend, context: { ticket_id: id, status } });
}

/** Why what runs or waits is ended; `what` as in "cancelled". */
export function ended(what: string, actor: Actor, reason: string): RoviError {
  const who = actor.name === 'unknown' ? 'somebody' : actor.name;
  return new RoviError('ticket-cancelled', `${what} by ${who}${reason === '' ? '' : `: ${reason}`}`);
}

/** What an execution came to, for who waits for it. */
export function executionOf(ticket: Ticket, ms: number | null, note = ''): Execution {
  const { id, status, result, error, error_code } = ticket;
  const text =
    status === 'completed' ? 'Execution completed successfully' : (error ?? `the ticket is ${status}`);
  return {
    ticket_id: id,
    status,
    result,
    error,
    error_code,
    execution_time_ms: ms,
    message: note === '' ? text : `${text}; ${note}`,
  };
}
