import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl maintenance list`. */
export function maintenanceListVerb(context: VerbContext): Command {
  return new Command('list')
    .description('list what is in maintenance, by whom, why and until when')
    .option('--json', 'as JSON')
    .action(async (flags: { json?: true }) => {
      const { terminal } = context;
      const { maintenanceText } = await import('../views/services-table.js');
      const all = await (await context.client()).maintenance();
      if (flags.json) terminal.out(json(all));
      else if (all.length === 0) terminal.out(terminal.colour.dim('nothing is in maintenance\n'));
      else terminal.out(maintenanceText(all, { now: Date.now(), colour: terminal.colour }));
    });
}
