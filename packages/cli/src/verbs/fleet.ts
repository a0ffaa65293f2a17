import { Command } from 'commander';
import type { VerbContext } from '../verb.js';
import { fleetKeyVerb } from './fleet-key.js';
import { fleetRunVerb } from './fleet-run.js';
import { fleetRunsVerb } from './fleet-runs.js';
import { fleetStatusVerb } from './fleet-status.js';
import { fleetWatchVerb } from './fleet-watch.js';

/** `rovictl fleet status|watch|run|runs|key`. */
export function fleetVerb(context: VerbContext): Command {
  return new Command('fleet')
    .description('many robots by an MQTT broker: how they are, and one command to several')
    .helpCommand(false)
    .addHelpText(
      'after',
      `
All but \`key\` ask a gateway that observes the fleet (\`mqtt.fleet.observe\` in its catalog): that of this machine, or of
--host.`,
    )
    .addCommand(fleetStatusVerb(context))
    .addCommand(fleetWatchVerb(context))
    .addCommand(fleetRunVerb(context))
    .addCommand(fleetRunsVerb(context))
    .addCommand(fleetKeyVerb(context));
}
