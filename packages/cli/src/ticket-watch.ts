import { isFinalTicketStatus, ticketSchema, type Ticket } from '@rovi/contract';
import { jsonLine, printable, printableData } from './control-codes.js';
import { EXIT } from './exit-codes.js';
import { followEvents } from './follow-events.js';
import { untilEnded } from './until-ended.js';
import { endWith, type VerbContext } from './verb.js';
import { clockText } from './views/moment.js';
import { EventLines } from './views/event-line.js';
import { ticketCommandText, ticketGlyph } from './views/ticket.js';

/**
 * A line for each step of a ticket, or of all and of the e-stop, until Ctrl-C; of one ticket, until its end. A lost
 * gateway is said at once and waited for. Rejects where there is no such ticket.
 */
export async function watchTickets(
  context: VerbContext,
  id: string | undefined,
  asJson: boolean,
): Promise<void> {
  const { terminal } = context;
  const client = await context.client();
  const lines = new EventLines(terminal.colour);
  await untilEnded(async (signal, end) => {
    let shown: Ticket['updated_at'] | null = null;
    const show = (ticket: Ticket): void => {
      if (signal.aborted || shown === ticket.updated_at) return;
      shown = ticket.updated_at;
      terminal.out(asJson ? jsonLine(ticket) : lineOf(printableData(ticket)));
      // A failed one can be run once more, but is not watched for that.
      if (!isFinalTicketStatus(ticket.status)) return;
      if (ticket.status !== 'completed') endWith(EXIT.failed);
      end();
    };
    const lineOf = (ticket: Ticket): string => {
      const why = ticket.error === null ? '' : `: ${ticket.error}`;
      const when = terminal.colour.dim(clockText(ticket.updated_at, Date.now()));
      return `${when} ${ticketGlyph(ticket.status, terminal.colour)} ${ticket.id} ${ticketCommandText(ticket)} ${ticket.status}${why}\n`;
    };
    /** Told anew at each connection: it can have ended while the link was lost. */
    const lookAnew = async (one: string): Promise<void> => {
      show(ticketSchema.parse(await client.tickets.read(one)));
    };
    if (id !== undefined) await lookAnew(id);
    await followEvents(client, signal, {
      resume: false,
      onEvent: (event) => {
        if (event.type === 'snapshot') {
          if (id !== undefined) void lookAnew(id).catch(() => undefined);
          else terminal.out(asJson ? jsonLine(event) : lines.next(event, Date.now()));
        } else if (event.type === 'ticket') {
          if (id === undefined) terminal.out(asJson ? jsonLine(event) : lines.next(event, Date.now()));
          else if (event.ticket?.id === id) show(event.ticket);
        }
      },
      onLost: (error) => {
        terminal.err(`rovictl: link lost: ${printable(error.message)}; waiting for the gateway\n`);
      },
      onBack: () => {
        terminal.err('rovictl: link restored\n');
      },
    });
  });
}
