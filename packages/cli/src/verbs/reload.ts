import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl reload`: the gateway reads its catalog again. */
export function reloadVerb(context: VerbContext): Command {
  return new Command('reload')
    .description('have the gateway read the catalog again, and say what needs install.sh')
    .option('--reason <text>', 'why; kept in the audit')
    .option('--json', 'as JSON')
    .action(async (flags: { reason?: string; json?: true }) => {
      const { terminal } = context;
      const { reloadText } = await import('../views/recovery.js');
      const reload = await (await context.client()).reload({ reason: flags.reason ?? '' });
      terminal.out(flags.json ? json(reload) : reloadText(reload, terminal.colour));
    });
}
