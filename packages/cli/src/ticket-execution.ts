import process from 'node:process';
import type { RoviClient } from '@rovi/client';
import type { Execution, Ticket } from '@rovi/contract';
import { json } from './control-codes.js';
import { EXIT } from './exit-codes.js';
import type { Terminal } from './terminal.js';
import { TicketProgress } from './ticket-progress.js';
import { endWith } from './verb.js';
import { executionText } from './views/ticket.js';

/**
 * Executes a ticket and shows what becomes of it until it has come to its end. Rejects where it may not be executed.
 * Ctrl-C ends only the watching: the execution is the gateway's.
 */
export async function executeTicket(
  { terminal, client }: { readonly terminal: Terminal; readonly client: RoviClient },
  id: string,
  flags: { readonly force?: boolean; readonly json?: boolean },
): Promise<void> {
  const progress = new TicketProgress(terminal);
  const over = new AbortController();
  const interrupted = new AbortController();
  const onInterrupt = (): void => {
    interrupted.abort(new Error('interrupted'));
  };
  process.once('SIGINT', onInterrupt);
  const steps = followTicket(client, id, progress, over.signal);
  try {
    const { signal } = interrupted;
    const execution = await client.tickets.execute(id, { force: flags.force === true, signal });
    progress.end();
    report(terminal, execution, flags.json === true);
  } catch (error) {
    progress.end();
    if (!interrupted.signal.aborted) throw error;
    terminal.err(
      `rovictl: no longer watching; the execution of ${id} goes on in the gateway\n` +
        `  mend: end it with \`rovictl ticket cancel ${id}\`, watch it with \`rovictl ticket watch ${id}\`\n`,
    );
    endWith(EXIT.interrupted);
  } finally {
    process.off('SIGINT', onInterrupt);
    over.abort();
    await steps;
  }
}

function report(terminal: Terminal, execution: Execution, asJson: boolean): void {
  const done = execution.status === 'completed';
  const colour = done ? terminal.colour : terminal.errColour;
  const text = executionText(execution, { now: Date.now(), colour, width: terminal.width() });
  if (done && !asJson) terminal.out(text);
  if (!done) terminal.err(text);
  if (asJson) terminal.out(json(execution));
  if (!done) endWith(EXIT.failed);
}

/** Shows the ticket as the event stream tells of it. That stream is a comfort: its errors are nobody's concern here. */
async function followTicket(
  client: RoviClient,
  id: string,
  progress: TicketProgress,
  signal: AbortSignal,
): Promise<void> {
  const look = (ticket: Ticket | null): void => {
    if (ticket?.id === id && !signal.aborted) progress.update(ticket);
  };
  try {
    for await (const event of client.events({ signal })) {
      if (event.type === 'snapshot') {
        progress.eStopped(event.snapshot.tickets?.estop.active === true);
        for (const one of event.snapshot.tickets?.executing ?? []) look(one);
      }
      if (event.type === 'ticket') {
        progress.eStopped(event.desk.estop.active);
        look(event.ticket);
      }
    }
  } catch {
    // The execution's own answer says what went wrong.
  }
}
