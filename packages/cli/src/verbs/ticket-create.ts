import { Command, InvalidArgumentError, Option } from 'commander';
import { ticketPriorities, type TicketPriority } from '@rovi/contract';
import { json } from '../control-codes.js';
import { collectWords, jsonOrText } from '../ticket-words.js';
import type { VerbContext } from '../verb.js';

interface Flags {
  param?: Record<string, unknown>;
  priority?: TicketPriority;
  timeout?: number;
  dryRun?: true;
  metadata?: Record<string, unknown>;
  execute?: true;
  json?: true;
}

/** `rovictl ticket create COMMAND [--param k=v …]`. */
export function ticketCreateVerb(context: VerbContext): Command {
  return new Command('create')
    .description('store a ticket; nothing is executed by that')
    .argument('<command>', 'what it does: one of `rovictl ticket commands`')
    .option('--param <k=v>', 'a parameter; may be given several times', collectWords(jsonOrText))
    .addOption(new Option('--priority <priority>', 'its place in the queue').choices(ticketPriorities))
    .option('--timeout <seconds>', 'what one attempt may take (default: what the command needs)', seconds)
    .option('--dry-run', 'the simulator does it, and nothing moves')
    .option('--metadata <k=v>', 'your own words about it; may be given several times', collectWords(String))
    .option('--execute', 'execute it at once, and wait for its end')
    .option('--json', 'the ticket as JSON; with --execute, what came of it')
    .addHelpText(
      'after',
      `
For example: rovictl ticket create drive --param speed=0.5 --param duration_seconds=2 --execute`,
    )
    .action(async (command: string, flags: Flags) => {
      const { terminal } = context;
      const client = await context.client();
      const { param, priority, timeout, dryRun, metadata } = flags;
      const ticket = await client.tickets.create({
        command,
        ...(param === undefined ? {} : { params: param }),
        ...(priority === undefined ? {} : { priority }),
        ...(timeout === undefined ? {} : { timeout_seconds: timeout }),
        ...(dryRun === undefined ? {} : { dry_run: true }),
        ...(metadata === undefined ? {} : { metadata }),
      });
      const { ticketCommandText, ticketGlyph } = await import('../views/ticket.js');
      const { printableData } = await import('../control-codes.js');
      if (flags.json === true && flags.execute !== true) terminal.out(json(ticket));
      else if (flags.json !== true) {
        const glyph = ticketGlyph(ticket.status, terminal.colour);
        terminal.out(
          `${glyph} ${ticket.id} ${ticket.status}: ${ticketCommandText(printableData(ticket))}${ticket.dry_run ? ' (dry run)' : ''}\n`,
        );
      }
      if (flags.execute !== true) return;
      const { executeTicket } = await import('../ticket-execution.js');
      await executeTicket({ terminal, client }, ticket.id, { json: flags.json === true });
    });
}

function seconds(text: string): number {
  const value = /^\d{1,5}(?:\.\d{1,3})?$/.test(text) ? Number(text) : NaN;
  if (value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError('expected seconds, more than 0 and up to 86400');
}
