import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl service health NAME`: its checks, each with its last looks. */
export function serviceHealthVerb(context: VerbContext): Command {
  return new Command('health')
    .description('show the last looks of every health check of a service')
    .argument('<service>', 'the service')
    .option('--json', 'as JSON, with every look that is kept')
    .action(async (name: string, flags: { json?: true }) => {
      const { terminal } = context;
      const { healthHistoryText } = await import('../views/health-history.js');
      const history = await (await context.client()).healthHistory(name);
      terminal.out(flags.json ? json(history) : healthHistoryText(history, Date.now(), terminal.colour));
    });
}
