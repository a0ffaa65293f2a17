import { Command } from 'commander';
import type { VerbContext } from '../verb.js';

/** `rovictl stop-all`: nothing drives the robot afterwards. */
export function stopAllVerb(context: VerbContext): Command {
  return new Command('stop-all')
    .description('stop every stack and cancel what is starting; never refused')
    .option('--reason <text>', 'why; kept in the record of the operation', '')
    .option('--json', "the operation's record as JSON")
    .action(async (flags: { reason?: string; json?: true }) => {
      const { runCommand } = await import('../stack-command.js');
      const { stopAllWithoutGateway } = await import('../gateway-fallback.js');
      await runCommand(
        { terminal: context.terminal, client: await context.client() },
        { kind: 'stop-all', stack: null, reason: flags.reason ?? '' },
        { json: flags.json === true, fallback: (signal) => stopAllWithoutGateway(context, signal) },
      );
    });
}
