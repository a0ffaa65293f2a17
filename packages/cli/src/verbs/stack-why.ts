import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl stack why NAME`: why its last run ended, and what to do. */
export function stackWhyVerb(context: VerbContext): Command {
  return new Command('why')
    .description('why a stack ended: the cause, its last lines, what to do')
    .argument('<name>', 'the stack')
    .option('--json', 'as JSON')
    .action(async (name: string, flags: { json?: true }) => {
      const { terminal } = context;
      const report = await (await context.client()).failure(name);
      const { failureText } = await import('../views/failure.js');
      terminal.out(flags.json ? json(report) : failureText(report, Date.now(), terminal.colour));
    });
}
