import { Command } from 'commander';
import { json } from '../control-codes.js';
import { UsageError, type VerbContext } from '../verb.js';

interface Flags {
  reason: string;
  for?: string;
  until?: string;
  json?: true;
}

/** `rovictl maintenance begin [NAME] --reason TEXT [--for 2h | --until TIME]`. */
export function maintenanceBeginVerb(context: VerbContext): Command {
  return new Command('begin')
    .description('nothing starts it from now on; what runs goes on')
    .argument('[name]', 'a stack or service; none for the whole robot')
    .requiredOption('--reason <text>', 'why, for all who want to start it meanwhile')
    .option('--for <span>', 'it ends by itself after 30m, 2h, 1d')
    .option('--until <time>', 'it ends by itself at 17:30, 2027-01-31 or 2027-01-31T17:30 (local time)')
    .option('--json', 'as JSON')
    .action(async (name: string | undefined, flags: Flags) => {
      if (flags.for !== undefined && flags.until !== undefined) {
        throw new UsageError('either --for or --until, not both');
      }
      const { endOf } = await import('../maintenance-end.js');
      const { maintenanceText } = await import('../views/services-table.js');
      const { terminal } = context;
      const now = Date.now();
      const until = endOf(flags, now);
      const client = await context.client();
      const maintenance = await client.beginMaintenance(name ?? null, { reason: flags.reason, until });
      terminal.out(
        flags.json ? json(maintenance) : maintenanceText([maintenance], { now, colour: terminal.colour }),
      );
      if (flags.json) return;
      const { services } = await client.state();
      const ofSystem = services.filter((one) => one.managed === 'system' && (name ?? one.name) === one.name);
      for (const one of ofSystem)
        terminal.out(
          `  ${one.name} is a unit of the system: Rovi starts it not, but systemd and root still can\n`,
        );
    });
}
