import type { Ticket } from '@rovi/contract';
import { Link } from 'wouter';
import { ProblemNote } from '../command/problem-note.js';
import { durationText } from '../format/words.js';
import { useIsLive, useRobotTime } from '../live/robot-context.js';
import { TicketActions } from './ticket-actions.js';
import { TicketBadge } from './ticket-badge.js';
import { commandLine } from './ticket-text.js';
import { useTicketCommands } from './use-ticket-commands.js';

/** What executes now, each with how long it has and how to end it. */
export function ExecutingTickets({ tickets }: { tickets: readonly Ticket[] }) {
  const live = useIsLive();
  return (
    <section className="card tickets-part" aria-labelledby="executing">
      <h2 id="executing">{live ? 'Executes now' : 'Executed when it was last heard'}</h2>
      {tickets.length === 0 ? (
        <p className="soft">Nothing.</p>
      ) : (
        <ul className="executing-tickets">
          {tickets.map((ticket) => (
            <Executing key={ticket.id} ticket={ticket} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Executing({ ticket }: { ticket: Ticket }) {
  const commands = useTicketCommands();
  return (
    <li data-tone="busy">
      <div className="executing-head">
        <h3>
          <Link href={`/tickets/${ticket.id}`}>{commandLine(ticket)}</Link>
        </h3>
        {ticket.dry_run && <span className="soft small">Dry run: nothing moves.</span>}
        <TicketBadge status={ticket.status} />
      </div>
      <Elapsed ticket={ticket} />
      <TicketActions ticket={ticket} commands={commands} />
      {commands.problem !== null && (
        <ProblemNote
          title="It was not cancelled"
          problem={commands.problem}
          onClose={() => commands.dismiss()}
        />
      )}
    </li>
  );
}

/** How long the attempt has gone on, of what it may take. */
export function Elapsed({ ticket: { started_at: began, timeout_seconds: timeout } }: { ticket: Ticket }) {
  const now = useRobotTime();
  const live = useIsLive();
  if (began === null || now === null) return null;
  const ms = Math.max(0, now - Date.parse(began));
  return (
    <div className="elapsed figures">
      <progress
        max={timeout}
        value={Math.min(timeout, ms / 1000)}
        aria-label={`${durationText(ms)} of ${durationText(timeout * 1000)}`}
      />
      <span className="small">
        {live ? '' : 'Then '}
        {durationText(ms)}, of at most {durationText(timeout * 1000)}
      </span>
    </div>
  );
}
