import './queued-tickets.css';
import type { TicketDeskStatus } from '@rovi/contract';
import { Link } from 'wouter';
import { commandLine } from './ticket-text.js';

/** What waits, the next first; of more than the robot tells, how many. */
export function QueuedTickets({ desk: { queued, counts } }: { desk: TicketDeskStatus }) {
  return (
    <>
      <ol className="queued-tickets">
        {queued.map((ticket) => (
          <li key={ticket.id}>
            <Link href={`/tickets/${ticket.id}`}>{commandLine(ticket)}</Link>{' '}
            <span className="soft small">
              {ticket.priority}
              {ticket.dry_run ? ', dry run' : ''}
            </span>
          </li>
        ))}
      </ol>
      {counts.queued > queued.length && (
        <p className="soft small">and {counts.queued - queued.length} more.</p>
      )}
    </>
  );
}
