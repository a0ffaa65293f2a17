import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl ticket show ID`. */
export function ticketShowVerb(context: VerbContext): Command {
  return new Command('show')
    .description('show one ticket with every step and every attempt')
    .argument('<ticket>', 'its id')
    .option('--json', 'as JSON')
    .action(async (id: string, flags: { json?: true }) => {
      const { terminal } = context;
      const { ticketText } = await import('../views/ticket.js');
      const ticket = await (await context.client()).tickets.read(id);
      const view = { now: Date.now(), colour: terminal.colour, width: terminal.width() };
      terminal.out(flags.json ? json(ticket) : ticketText(ticket, view));
    });
}
