import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl host list`. */
export function hostListVerb({ terminal }: VerbContext): Command {
  return new Command('list')
    .description('list the robots of the inventory, and which file each is from')
    .option('--json', 'as JSON')
    .action(async (flags: { json?: true }) => {
      const { readHosts } = await import('../hosts/inventory.js');
      const { hostsText } = await import('../views/hosts.js');
      const hosts = await readHosts();
      if (flags.json) {
        const told = hosts.map(({ name, entry, file }) => ({ name, ...entry, file }));
        terminal.out(json([{ name: 'local', address: null, labels: [], file: null }, ...told]));
      } else terminal.out(hostsText(hosts, terminal.colour));
    });
}
