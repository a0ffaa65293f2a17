import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl service list`: every service of the catalog, one a line, and those that others run. */
export function serviceListVerb(context: VerbContext): Command {
  return new Command('list')
    .description('list the services with state, health and instances')
    .option('--json', 'as JSON')
    .action(async (flags: { json?: true }) => {
      const { terminal } = context;
      const { maintenanceText, servicesText } = await import('../views/services-table.js');
      const snapshot = await (await context.client()).state();
      if (flags.json) terminal.out(json(snapshot.services));
      else {
        const view = { now: Date.now(), colour: terminal.colour, width: terminal.width() };
        const mended = maintenanceText(snapshot.maintenance, view);
        terminal.out(`${mended}${mended === '' ? '' : '\n'}${servicesText({ snapshot, ...view })}`);
      }
    });
}
