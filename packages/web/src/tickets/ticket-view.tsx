import './tickets.css';
import { IconArrowLeft } from '@tabler/icons-react';
import type { TicketAttempt, TicketDetail, TicketTransition } from '@rovi/contract';
import { isFinalTicketStatus } from '@rovi/contract';
import { Link } from 'wouter';
import { ProblemNote } from '../command/problem-note.js';
import { Note } from '../format/note.js';
import { Prose } from '../format/prose.js';
import { ToneIcon } from '../format/state-badge.js';
import { actorText, durationText, momentText, sentence, shortDurationText } from '../format/words.js';
import { useIsLive, useRobotTime } from '../live/robot-context.js';
import { Elapsed } from './executing-tickets.js';
import { mendOf } from './mends.js';
import { TicketActions } from './ticket-actions.js';
import { TicketBadge } from './ticket-badge.js';
import { TicketResult, Values } from './ticket-result.js';
import { commandLine, statusWord, ticketTones } from './ticket-text.js';
import { useTicket } from './use-ticket.js';
import { useTicketCommands } from './use-ticket-commands.js';

/** `/services/tickets/:id`: all about one ticket, and what can be done with it. */
export default function TicketView({ id }: { id: string }) {
  const { ticket, problem } = useTicket(id);
  return (
    <div className="tickets">
      <Link href="/tickets" className="back">
        <IconArrowLeft size={20} aria-hidden /> Tickets
      </Link>
      {problem !== null && <ProblemNote title="The ticket cannot be read" problem={problem} />}
      {ticket !== null ? (
        <One ticket={ticket} />
      ) : (
        <>
          <h1 className="ticket-id">{id}</h1>
          {problem === null && <p className="soft">Asking the robot…</p>}
        </>
      )}
    </div>
  );
}

function One({ ticket }: { ticket: TicketDetail }) {
  const live = useIsLive();
  const commands = useTicketCommands();
  const { id, status, dry_run: dry, error, error_code: code, result } = ticket;
  const tone = live || isFinalTicketStatus(status) ? ticketTones[status] : 'unknown';
  return (
    <>
      <section className="card hero" data-tone={tone} aria-labelledby="ticket">
        <div className="hero-head">
          <div>
            <p className="eyebrow">Ticket{dry ? ', dry run: nothing moves' : ''}</p>
            <h1 id="ticket" className="ticket-id">
              {id}
            </h1>
            <p className="question-text">{commandLine(ticket)}</p>
          </div>
          <TicketBadge status={status} large />
        </div>
        {status === 'executing' && <Elapsed ticket={ticket} />}
        {error !== null && (
          <Note
            tone={status === 'failed' ? 'bad' : 'rest'}
            title={status === 'failed' ? 'It failed' : 'It was cancelled'}
          >
            <p>
              <Prose text={error} />
            </p>
            {code !== null && (
              <>
                <p>{mendOf(code)}</p>
                <p className="soft small">
                  Code: <code>{code}</code>
                </p>
              </>
            )}
          </Note>
        )}
        <TicketActions ticket={ticket} commands={commands} />
        {commands.problem !== null && (
          <ProblemNote title="It was refused" problem={commands.problem} onClose={() => commands.dismiss()} />
        )}
      </section>
      {result !== null && (
        <section className="card tickets-part" aria-labelledby="result">
          <h2 id="result">Result</h2>
          <TicketResult result={result} />
        </section>
      )}
      <Steps transitions={ticket.transitions} />
      <Attempts attempts={ticket.attempt_list} />
      <Facts ticket={ticket} />
    </>
  );
}

function Steps({ transitions }: { transitions: readonly TicketTransition[] }) {
  const now = useRobotTime();
  return (
    <section className="card tickets-part" aria-labelledby="steps">
      <h2 id="steps">What happened</h2>
      <ol className="ticket-steps">
        {transitions.map(({ at, from, to, actor, reason }, index) => (
          <li key={`${index} ${to}`} data-tone={ticketTones[to]}>
            <ToneIcon tone={to === 'executing' ? 'busy' : ticketTones[to]} size={20} />
            <span>
              <strong>{from === null ? 'Created' : statusWord(to, true)}</strong> by {actorText(actor.name)}{' '}
              <time dateTime={at} className="soft figures">
                {momentText(at, now ?? Date.parse(at))}
              </time>
              {reason !== '' && <span className="ticket-reason">{sentence(reason)}</span>}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function Attempts({ attempts }: { attempts: readonly TicketAttempt[] }) {
  const now = useRobotTime();
  if (attempts.length === 0) return null;
  return (
    <section className="card tickets-part" aria-labelledby="attempts">
      <h2 id="attempts">Attempts</h2>
      <ol className="ticket-attempts">
        {attempts.map((attempt) => {
          const { number, started_at: began, status, result, error, execution_time_ms: took } = attempt;
          return (
            <li key={number}>
              <div className="executing-head">
                <h3>Attempt {number}</h3>
                <TicketBadge status={status} />
                <span className="soft small figures">
                  Began <time dateTime={began}>{momentText(began, now ?? Date.parse(began))}</time>
                  {took === null ? '' : `, took ${shortDurationText(took)}`}
                </span>
              </div>
              {error !== null && (
                <p>
                  <Prose text={error} />
                </p>
              )}
              {attempts.length > 1 && result !== null && (
                <details className="order">
                  <summary>Its result</summary>
                  <TicketResult result={result} />
                </details>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

function Facts({ ticket }: { ticket: TicketDetail }) {
  const now = useRobotTime() ?? Date.parse(ticket.updated_at);
  const moment = (at: string | null): string => (at === null ? '–' : momentText(at, now));
  return (
    <section className="card tickets-part" aria-labelledby="facts">
      <h2 id="facts">As it was asked for</h2>
      <Values values={{ command: ticket.command, ...ticket.params }} />
      <Values
        values={{
          priority: ticket.priority,
          timeout: durationText(ticket.timeout_seconds * 1000),
          dry_run: ticket.dry_run,
          created_by: actorText(ticket.actor.name),
          created: moment(ticket.created_at),
          last_changed: moment(ticket.updated_at),
          last_begun: moment(ticket.started_at),
          ended: moment(ticket.completed_at),
          attempts: ticket.attempts,
          ...(Object.keys(ticket.metadata).length === 0 ? {} : { metadata: ticket.metadata }),
        }}
      />
    </section>
  );
}
