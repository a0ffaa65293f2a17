import { Command } from 'commander';
import { wholeNumber } from '../numbers.js';
import type { ServiceFlags } from '../service-command.js';
import type { VerbContext } from '../verb.js';

/** `rovictl service scale NAME N`. */
export function serviceScaleVerb(context: VerbContext): Command {
  return new Command('scale')
    .description('make so many instances of a service run, within the bounds of the catalog')
    .argument('<service>', 'the service')
    .argument('<n>', 'how many', wholeNumber(0, 50))
    .option('--reason <text>', 'why; kept in the record of the operation')
    .option('-y, --yes', 'say yes to what is shown')
    .option('--json', "the operation's record as JSON")
    .action(async (service: string, instances: number, flags: ServiceFlags) => {
      const { commandService } = await import('../service-command.js');
      await commandService(context, { command: 'scale', service, instances }, flags);
    });
}
