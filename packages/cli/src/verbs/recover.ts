import { Command } from 'commander';
import { json } from '../control-codes.js';
import { EXIT } from '../exit-codes.js';
import { endWith, type VerbContext } from '../verb.js';

/** `rovictl recover`: resets what has failed, as far as polkit lets it. */
export function recoverVerb(context: VerbContext): Command {
  return new Command('recover')
    .description(
      'reset what has failed and read everything again; starts nothing. Exit 1 where something is left',
    )
    .option('--reason <text>', 'why; kept in the audit')
    .option('--json', 'as JSON')
    .action(async (flags: { reason?: string; json?: true }) => {
      const { terminal } = context;
      const { recoveryText } = await import('../views/recovery.js');
      const recovery = await (await context.client()).recover({ reason: flags.reason ?? '' });
      terminal.out(flags.json ? json(recovery) : recoveryText(recovery, terminal.colour));
      if (recovery.refused.length > 0) endWith(EXIT.failed);
    });
}
