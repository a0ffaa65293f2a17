import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl validate [FILE]`: reads a catalog and says everything that is wrong with it. */
export function validateVerb(context: VerbContext): Command {
  return new Command('validate')
    .description('check a catalog and say what is wrong with it, with file, line and path')
    .argument('[file]', 'the catalog (default: ./rovi.yaml, else /etc/rovi/rovi.yaml)')
    .option('--json', 'machine-readable result')
    .action(async (file: string | undefined, options: { json?: true }) => {
      const { terminal } = context;
      const { defaultCatalogPath, loadCatalog } = await import('../catalog-file.js');
      const path = file ?? context.catalog() ?? (await defaultCatalogPath());
      const { catalog } = await loadCatalog(path);
      const stacks = Object.keys(catalog.stacks);
      if (options.json) terminal.out(json({ file: path, valid: true, robot: catalog.robot, stacks }));
      else {
        const list =
          stacks.length === 0 ? 'no stacks' : `${String(stacks.length)} stacks: ${stacks.join(', ')}`;
        terminal.out(
          `${terminal.colour.green('✓')} ${path} is valid: robot ${catalog.robot}, user ${catalog.user}, ${list}\n`,
        );
      }
    });
}
