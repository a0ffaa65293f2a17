import { Command, Option } from 'commander';
import { ticketStatuses, type TicketStatus } from '@rovi/contract';
import { json } from '../control-codes.js';
import { wholeNumber } from '../numbers.js';
import type { VerbContext } from '../verb.js';

interface Flags {
  status?: TicketStatus;
  limit: number;
  offset: number;
  json?: true;
}

/** `rovictl ticket list`. */
export function ticketListVerb(context: VerbContext): Command {
  return new Command('list')
    .description('list tickets, newest first')
    .addOption(new Option('--status <status>', 'only those').choices(ticketStatuses))
    .option('-n, --limit <n>', 'at most so many', wholeNumber(1, 1000), 20)
    .option('--offset <n>', 'leave out the newest n', wholeNumber(0, 100_000_000), 0)
    .option('--json', 'as JSON')
    .action(async ({ status, limit, offset, ...flags }: Flags) => {
      const { terminal } = context;
      const { ticketsText } = await import('../views/ticket.js');
      const client = await context.client();
      const list = await client.tickets.list({
        limit,
        offset,
        ...(status === undefined ? {} : { status }),
      });
      if (flags.json) {
        terminal.out(json(list));
        return;
      }
      const { colour } = terminal;
      terminal.out(ticketsText(list.tickets, { now: Date.now(), colour, width: terminal.width() }));
      const last = list.offset + list.tickets.length;
      if (list.tickets.length > 0 && list.total > list.tickets.length) {
        terminal.out(colour.dim(`${String(list.offset + 1)} to ${String(last)} of ${String(list.total)}\n`));
      }
    });
}
