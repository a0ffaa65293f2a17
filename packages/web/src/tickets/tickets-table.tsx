import { Button, NativeSelect } from '@mantine/core';
import { ticketStatuses } from '@rovi/contract';
import type { Ticket, TicketCounts, TicketStatus } from '@rovi/contract';
import { Link, useSearchParams } from 'wouter';
import { ProblemNote } from '../command/problem-note.js';
import { agoText, momentText } from '../format/words.js';
import { useRobotTime } from '../live/robot-context.js';
import { TicketBadge } from './ticket-badge.js';
import { commandLine, outcomeLine, statusWord } from './ticket-text.js';
import { useTicketPage } from './use-ticket-page.js';

/** Rows of a page. */
const PAGE = 25;
const COLUMNS = ['Ticket', 'Status', 'Command', 'Priority', 'Age', 'What came of it'];

/** All tickets, newest first, page by page, of one status or of all; which ones is in the address. */
export function TicketsTable({ counts }: { counts: TicketCounts }) {
  const [search, setSearch] = useSearchParams();
  const status = ticketStatuses.find((one) => one === search.get('status'));
  const page = Math.max(1, Math.floor(Number(search.get('page') ?? 1)) || 1);
  const { tickets, problem } = useTicketPage({
    ...(status === undefined ? {} : { status }),
    limit: PAGE,
    offset: (page - 1) * PAGE,
  });
  const total = status === undefined ? counts.total : counts[status];
  const pages = Math.max(1, Math.ceil(total / PAGE));
  const go = (next: { status?: TicketStatus | undefined; page: number }): void =>
    setSearch({
      ...(next.status === undefined ? {} : { status: next.status }),
      ...(next.page <= 1 ? {} : { page: String(next.page) }),
    });
  return (
    <section aria-labelledby="tickets" className="tickets-part">
      <h2 id="tickets">All tickets</h2>
      <div className="tickets-choices">
        <NativeSelect
          label="Status"
          value={status ?? ''}
          onChange={({ currentTarget: { value } }) =>
            go({ status: ticketStatuses.find((one) => one === value), page: 1 })
          }
          data={[
            { value: '', label: `All (${counts.total})` },
            ...ticketStatuses.map((one) => ({
              value: one,
              label: `${statusWord(one, true)} (${counts[one]})`,
            })),
          ]}
        />
        <p className="soft small" role="status">
          {total} {total === 1 ? 'ticket' : 'tickets'}, newest first
        </p>
      </div>
      {problem !== null && <ProblemNote title="The tickets cannot be read" problem={problem} />}
      {tickets === null ? (
        problem === null && <p className="soft">Reading the tickets…</p>
      ) : tickets.length === 0 ? (
        <p className="card soft">{page > 1 ? 'There is no such page.' : 'There are none.'}</p>
      ) : (
        <div className="card table-card" tabIndex={0} role="region" aria-label="Tickets, newest first">
          {/* The roles say again what the elements are: as cards, by CSS, they would be none to a screen reader. */}
          <table role="table" className="units tickets-table">
            <thead role="rowgroup">
              <tr role="row">
                {COLUMNS.map((title) => (
                  <th role="columnheader" scope="col" key={title}>
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody role="rowgroup">
              {tickets.map((ticket) => (
                <TicketRow key={ticket.id} ticket={ticket} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {(pages > 1 || page > 1) && (
        <nav className="actions tickets-pages" aria-label="Pages of tickets">
          <Button variant="default" disabled={page <= 1} onClick={() => go({ status, page: page - 1 })}>
            Newer
          </Button>
          <span className="figures">
            Page {page} of {pages}
          </span>
          <Button variant="default" disabled={page >= pages} onClick={() => go({ status, page: page + 1 })}>
            Older
          </Button>
        </nav>
      )}
    </section>
  );
}

function TicketRow({ ticket }: { ticket: Ticket }) {
  const now = useRobotTime();
  const { id, status, priority, dry_run: dry, created_at: created } = ticket;
  const at = Date.parse(created);
  return (
    <tr role="row" data-status={status}>
      <td role="cell" data-label="Ticket" data-column="name">
        <Link href={`/tickets/${id}`} className="unit-name ticket-id">
          {id}
        </Link>
      </td>
      <td role="cell" data-label="Status" data-column="state">
        <TicketBadge status={status} />
      </td>
      <td role="cell" data-label="Command">
        <span>
          {commandLine(ticket)}
          {dry && <span className="soft small"> dry run</span>}
        </span>
      </td>
      <td role="cell" data-label="Priority">
        {priority}
      </td>
      <td role="cell" data-label="Age" className="figures">
        <time dateTime={created} title={momentText(created, now ?? at)}>
          {now === null ? '' : agoText(now - at)}
        </time>
      </td>
      <td role="cell" data-label="What came of it" className="ticket-outcome">
        {outcomeLine(ticket)}
      </td>
    </tr>
  );
}
