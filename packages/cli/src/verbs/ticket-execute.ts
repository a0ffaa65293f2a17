import { Command } from 'commander';
import type { VerbContext } from '../verb.js';

/** `rovictl ticket execute ID`. */
export function ticketExecuteVerb(context: VerbContext): Command {
  return new Command('execute')
    .description('put a ticket into the queue and wait for its end; Ctrl-C ends only the waiting')
    .argument('<ticket>', 'its id')
    .option('--force', 'run a failed one once more; both attempts are kept')
    .option('--json', 'what came of it as JSON')
    .action(async (id: string, flags: { force?: true; json?: true }) => {
      const { executeTicket } = await import('../ticket-execution.js');
      await executeTicket({ terminal: context.terminal, client: await context.client() }, id, flags);
    });
}
