import { Command } from 'commander';
import type { VerbContext } from '../verb.js';

/** `rovictl fleet watch`. */
export function fleetWatchVerb(context: VerbContext): Command {
  return new Command('watch')
    .description('stay and show every change of the fleet, and how commands to it go on')
    .option('--json', 'one event a line, as the API sends it')
    .action(async (flags: { json?: true }) => {
      const { watchFleet } = await import('../fleet/fleet-watch.js');
      await watchFleet(context, flags.json === true);
    });
}
