import { Argument, Command } from 'commander';
import { operationKindSchema, type OperationKind } from '@rovi/contract';
import { json } from '../control-codes.js';
import { UsageError, type VerbContext } from '../verb.js';

/** `rovictl plan COMMAND [STACK]`: what a command would hit, without sending it. */
export function planVerb(context: VerbContext): Command {
  return new Command('plan')
    .description('show what a command would stop and start now; nothing is done')
    .addArgument(new Argument('<command>', 'what is meant').choices(operationKindSchema.options))
    .argument('[name]', 'the stack; none for stop-all')
    .option('--json', 'as JSON, with the token that confirms exactly this')
    .action(async (command: OperationKind, stack: string | undefined, flags: { json?: true }) => {
      if (command === 'stop-all' && stack !== undefined) throw new UsageError('stop-all takes no stack');
      if (command !== 'stop-all' && stack === undefined) {
        throw new UsageError(`${command} of which stack? (rovictl stack list)`);
      }
      const { terminal } = context;
      const client = await context.client();
      const impact = await client.impact(stack === undefined ? { command } : { command, stack });
      const { impactText } = await import('../views/impact.js');
      terminal.out(flags.json ? json(impact) : impactText(impact, Date.now(), terminal.colour));
    });
}
