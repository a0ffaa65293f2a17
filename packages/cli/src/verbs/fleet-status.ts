import { Command } from 'commander';
import type { VerbContext } from '../verb.js';

/** `rovictl fleet status [ROBOT…]`. */
export function fleetStatusVerb(context: VerbContext): Command {
  return new Command('status')
    .description('how the robots are, the worst first; of one robot everything, as it says itself')
    .argument('[robots...]', 'only these')
    .option('--json', "the API's answer as JSON; of one robot its snapshot too")
    .addHelpText(
      'after',
      `
Exit code 0 where all that are shown are there and well, 8 where some are not, 5 where the gateway has lost the broker or
the one robot does not answer: then what is shown is what was.`,
    )
    .action(async (robots: string[], flags: { json?: true }) => {
      const { showFleet } = await import('../fleet/fleet-status.js');
      await showFleet(context, robots, flags.json === true);
    });
}
