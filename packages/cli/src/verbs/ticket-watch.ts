import { Command } from 'commander';
import type { VerbContext } from '../verb.js';

/** `rovictl ticket watch [ID]`. */
export function ticketWatchVerb(context: VerbContext): Command {
  return new Command('watch')
    .description('show each step as it happens: of one ticket until its end, or of all')
    .argument('[ticket]', 'its id; none for all')
    .option('--json', 'one JSON object a line: the ticket, or without an id the event')
    .action(async (id: string | undefined, flags: { json?: true }) => {
      const { watchTickets } = await import('../ticket-watch.js');
      await watchTickets(context, id, flags.json === true);
    });
}
