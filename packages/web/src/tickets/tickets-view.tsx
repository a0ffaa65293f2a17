import './tickets.css';
import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { TicketDeskStatus } from '@rovi/contract';
import { useState } from 'react';
import { Redirect } from 'wouter';
import { Note } from '../format/note.js';
import { sentence } from '../format/words.js';
import { useIsLive, useMayCommand, useRobotState } from '../live/robot-context.js';
import { ExecutingTickets } from './executing-tickets.js';
import { QueuedTickets } from './queued-tickets.js';
import { TicketForm } from './ticket-form.js';
import { TicketsTable } from './tickets-table.js';

/** `/services/tickets`: what executes, what waits, all tickets, and a form for a new one. */
export default function TicketsView() {
  const desk = useRobotState(({ view }) => (view === null ? undefined : view.snapshot.tickets));
  if (desk === null) return <Redirect to="/" />;
  return (
    <div className="tickets">
      <h1>Tickets</h1>
      {desk === undefined ? <p className="soft">Asking the robot…</p> : <Desk desk={desk} />}
    </div>
  );
}

function Desk({ desk }: { desk: TicketDeskStatus }) {
  const allowed = useMayCommand();
  const live = useIsLive();
  const [creates, setCreates] = useState(false);
  return (
    <>
      {live && !desk.available && (
        <Note tone="bad" title="Tickets are not available">
          <p>{sentence(desk.text)}</p>
        </Note>
      )}
      {allowed && !creates && (
        <div className="actions">
          <Button leftSection={<IconPlus size={20} aria-hidden />} onClick={() => setCreates(true)}>
            New ticket
          </Button>
        </div>
      )}
      {creates && <TicketForm onClose={() => setCreates(false)} />}
      <div className="tickets-now">
        <ExecutingTickets tickets={desk.executing} />
        <Queue desk={desk} />
      </div>
      <TicketsTable counts={desk.counts} />
    </>
  );
}

function Queue({ desk }: { desk: TicketDeskStatus }) {
  const live = useIsLive();
  return (
    <section className="card tickets-part" aria-labelledby="queued">
      <h2 id="queued">{live ? 'Waits for its turn' : 'Waited when it was last heard'}</h2>
      {desk.counts.queued === 0 ? (
        <p className="soft">Nothing.</p>
      ) : (
        <>
          <QueuedTickets desk={desk} />
          <p className="soft small">
            By priority, then by age; one that was passed over often rises. One motion runs at a time, other
            commands beside it.
          </p>
        </>
      )}
    </section>
  );
}
