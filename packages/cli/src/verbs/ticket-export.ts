import { Command, Option } from 'commander';
import { ticketStatuses, type TicketStatus } from '@rovi/contract';
import { jsonLine } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl ticket export`. */
export function ticketExportVerb(context: VerbContext): Command {
  return new Command('export')
    .description('write every ticket with its steps and attempts, oldest first, one JSON object a line')
    .addOption(new Option('--status <status>', 'only those').choices(ticketStatuses))
    .addHelpText('after', '\nOne that is cut off does not exit with 0: what it wrote is not the whole.')
    .action(async ({ status }: { status?: TicketStatus }) => {
      const client = await context.client();
      // Writing waits for who reads: standard output is never far behind.
      for await (const ticket of client.tickets.export(status === undefined ? {} : { status }))
        context.terminal.out(jsonLine(ticket));
    });
}
