import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl operations [ID]`: who commanded what, and what came of it. */
export function operationsVerb(context: VerbContext): Command {
  return new Command('operations')
    .description('list the last operations, or show one with every step')
    .argument('[id]', 'the operation')
    .option('--json', 'as JSON')
    .action(async (id: string | undefined, flags: { json?: true }) => {
      const { terminal } = context;
      const { operationsText, operationText } = await import('../views/operation.js');
      const client = await context.client();
      if (id === undefined) {
        const operations = await client.operations();
        terminal.out(flags.json ? json(operations) : operationsText(operations, Date.now(), terminal.colour));
      } else {
        const operation = await client.operation(id);
        terminal.out(flags.json ? json(operation) : operationText(operation, Date.now(), terminal.colour));
      }
    });
}
