import { Command } from 'commander';
import type { VerbContext } from '../verb.js';

/** `rovictl host remove NAME`. */
export function hostRemoveVerb({ terminal }: VerbContext): Command {
  return new Command('remove')
    .description('take a robot out of your inventory; nothing is sent to it')
    .argument('<host>', 'its name')
    .action(async (name: string) => {
      const { removeHost } = await import('../hosts/change-inventory.js');
      const { file, left } = await removeHost(name);
      terminal.out(`${terminal.colour.green('✓')} ${name} is no longer in ${file}\n`);
      if (left !== null)
        terminal.err(`rovictl: ${name} is now what ${left.file} says: ${left.entry.address}\n`);
    });
}
