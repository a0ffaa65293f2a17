import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl ticket commands`. */
export function ticketCommandsVerb(context: VerbContext): Command {
  return new Command('commands')
    .description('list what tickets can do, and with which parameters')
    .option('--json', 'as JSON, with the schema of the parameters')
    .action(async (flags: { json?: true }) => {
      const { terminal } = context;
      const { ticketCommandsText } = await import('../views/ticket-commands.js');
      const commands = await (await context.client()).tickets.commands();
      terminal.out(flags.json ? json(commands) : ticketCommandsText(commands, terminal.colour));
    });
}
