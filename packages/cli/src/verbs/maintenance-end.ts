import { Command } from 'commander';
import type { VerbContext } from '../verb.js';

/** `rovictl maintenance end [NAME]`. */
export function maintenanceEndVerb(context: VerbContext): Command {
  return new Command('end')
    .description('end a maintenance; nothing is started by that')
    .argument('[name]', 'the stack or service; none for the whole robot')
    .option('--reason <text>', 'why; kept in the audit')
    .action(async (name: string | undefined, flags: { reason?: string }) => {
      const { terminal } = context;
      const { maintenanceText } = await import('../views/services-table.js');
      const left = await (
        await context.client()
      ).endMaintenance(name ?? null, { reason: flags.reason ?? '' });
      terminal.out(
        `${terminal.colour.green('✓')} ${name ?? 'the whole robot'} is no longer in maintenance\n`,
      );
      terminal.out(maintenanceText(left, { now: Date.now(), colour: terminal.colour }));
    });
}
