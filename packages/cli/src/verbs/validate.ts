import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl validate [FILE]`: reads a catalog and says everything that is wrong with it; or prints its schema for editors. */
export function validateVerb(context: VerbContext): Command {
  return new Command('validate')
    .description('check a catalog and say what is wrong with it, with file, line and path')
    .argument('[file]', 'the catalog (default: ./rovi.yaml, else /etc/rovi/rovi.yaml)')
    .option('--json', 'machine-readable result')
    .option('--schema', 'check nothing: print the JSON Schema of a catalog, for editors')
    .action(async (file: string | undefined, options: { json?: true; schema?: true }) => {
      const { terminal } = context;
      if (options.schema) {
        const { catalogJsonSchema } = await import('@rovi/contract');
        terminal.out(json(catalogJsonSchema()));
        return;
      }
      const { defaultCatalogPath, loadCatalog } = await import('../catalog-file.js');
      const path = file ?? context.catalog() ?? (await defaultCatalogPath());
      const { catalog } = await loadCatalog(path);
      const stacks = Object.keys(catalog.stacks);
      const services = Object.keys(catalog.services);
      const external = Object.keys(catalog.external);
      if (options.json)
        terminal.out(json({ file: path, valid: true, robot: catalog.robot, stacks, services, external }));
      else {
        const list = [
          listText('stack', stacks),
          ...(services.length === 0 ? [] : [listText('service', services)]),
          ...(external.length === 0 ? [] : [listText('external unit', external)]),
        ].join('; ');
        terminal.out(
          `${terminal.colour.green('✓')} ${path} is valid: robot ${catalog.robot}, user ${catalog.user}, ${list}\n`,
        );
      }
      if (external.length === 0) return;
      // Of this machine, which may be another than the robot: never a reason to call the catalog invalid.
      const { externalMatters } = await import('../external-units.js');
      for (const { kind, text, mend } of (await externalMatters(catalog)) ?? [])
        terminal.err(`${kind === 'fault' ? 'here' : 'note'}: ${text}\n  mend: ${mend}\n`);
    });
}

function listText(kind: string, names: readonly string[]): string {
  if (names.length === 0) return `no ${kind}s`;
  return `${String(names.length)} ${kind}${names.length === 1 ? '' : 's'}: ${names.join(', ')}`;
}
