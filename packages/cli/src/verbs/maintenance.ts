import { Command } from 'commander';
import type { VerbContext } from '../verb.js';
import { maintenanceBeginVerb } from './maintenance-begin.js';
import { maintenanceEndVerb } from './maintenance-end.js';
import { maintenanceListVerb } from './maintenance-list.js';

/** `rovictl maintenance begin|end|list`. */
export function maintenanceVerb(context: VerbContext): Command {
  return new Command('maintenance')
    .description('keep a stack, a service or the whole robot from being started while somebody works on it')
    .helpCommand(false)
    .addCommand(maintenanceBeginVerb(context))
    .addCommand(maintenanceEndVerb(context))
    .addCommand(maintenanceListVerb(context));
}
