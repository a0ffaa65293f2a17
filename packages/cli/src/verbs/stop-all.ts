import { Command } from 'commander';
import type { VerbContext } from '../verb.js';

/** `rovictl stop-all`: nothing drives the robot afterwards. */
export function stopAllVerb(context: VerbContext): Command {
  return new Command('stop-all')
    .description('stop every stack and cancel what is starting; never refused')
    .option('--reason <text>', 'why; kept in the record of the operation')
    .option('--json', "the operation's record as JSON")
    .action(async (flags: { reason?: string; json?: true }) => {
      if (context.several() !== null) {
        const { commandSeveral } = await import('../several/command-several.js');
        await commandSeveral(context, { kind: 'stop-all', stack: null, reason: flags.reason ?? '' }, flags);
        return;
      }
      const { runCommand } = await import('../stack-command.js');
      const { stopAllWithoutGateway } = await import('../gateway-fallback.js');
      const { clientToStop } = await import('../stop-advice.js');
      const machine = context.thisMachine();
      const client = await clientToStop(context, 'stop-all');
      await runCommand(
        { terminal: context.terminal, client, host: await context.target() },
        { kind: 'stop-all', stack: null, reason: flags.reason ?? '' },
        {
          json: flags.json === true,
          ...(machine === null
            ? {}
            : { fallback: (signal: AbortSignal) => stopAllWithoutGateway(machine, signal) }),
        },
      );
    });
}
