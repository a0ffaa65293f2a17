import { Command } from 'commander';
import { json } from '../control-codes.js';
import { UsageError, type VerbContext } from '../verb.js';

/** `rovictl fleet key [--create] [FILE]`: works on files alone. */
export function fleetKeyVerb(context: VerbContext): Command {
  return new Command('key')
    .description("print the key that this machine's gateway signs with, as robots' catalogs want it")
    .argument('[file]', "the key file (default: the catalog's mqtt.fleet.key_file)")
    .option('--create', 'make one first, as root; never in place of one that is there')
    .option('--name <name>', 'what robots call it in their audit (default: the name of this machine)')
    .option('--json', 'as JSON')
    .action(async (file: string | undefined, flags: { create?: true; name?: string; json?: true }) => {
      const { defaultCatalogPath, loadCatalog } = await import('../catalog-file.js');
      const { createKey, operatorName, operatorSnippet, readPublicKey } =
        await import('../fleet/key-file.js');
      const path = context.catalog() ?? (await defaultCatalogPath('installed'));
      const named = file === undefined || flags.create === true ? (await loadCatalog(path)).catalog : null;
      const keyFile = file ?? named?.mqtt?.fleet?.key_file;
      if (keyFile === undefined) {
        throw new UsageError(`${path} names no key (mqtt.fleet.key_file): name a file, or add it there`);
      }
      const name = operatorName(flags.name);
      if (flags.create === true && named !== null) await createKey(keyFile, named.user);
      const key = await readPublicKey(keyFile);
      const { terminal } = context;
      if (flags.json) {
        terminal.out(json({ name, key, file: keyFile }));
        return;
      }
      terminal.out(operatorSnippet(name, key));
      terminal.err(
        `${flags.create === true ? `${keyFile} is made. ` : ''}This belongs into the catalog of each robot that shall take commands of it; its role can be viewer, operator or admin. \`sudo rovictl reload\` there takes it over.\n`,
      );
    });
}
