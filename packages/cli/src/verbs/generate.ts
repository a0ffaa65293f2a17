import { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { json } from '../control-codes.js';
import { endWith, UsageError, type VerbContext } from '../verb.js';

interface GenerateFlags {
  out?: string;
  prefix?: string;
  user?: string;
  check?: true;
  json?: true;
}

/** `rovictl generate`: writes everything that comes from the catalog, or nothing at all. */
export function generateVerb(context: VerbContext): Command {
  return new Command('generate')
    .description('write units, polkit rule, sysusers, tmpfiles and runner arguments from a catalog')
    .option('--out <dir>', 'write below this folder, with install.manifest and rovi.yaml for an installer')
    .option('--prefix <prefix>', 'where the program is or will be installed (default: /usr/local)')
    .option('--user <user>', "run as this user instead of the catalog's (needs --out)")
    .option('--check', 'write nothing; print the differences and exit 7 where there are any')
    .option('--json', 'machine-readable result')
    .addHelpText(
      'after',
      `
The catalog is --catalog FILE, else ./rovi.yaml. Without --out the files go beside the catalog, as they are committed in Rovi's own repository.
--user replaces only \`user:\`. Paths in \`home\`, \`workspace\` and \`env_file\` stay as the catalog has them.
Nothing is written unless the whole catalog is valid; each file is replaced atomically.`,
    )
    .action(async (flags: GenerateFlags) => {
      const { terminal } = context;
      if (flags.user !== undefined && flags.out === undefined) {
        throw new UsageError('--user needs --out: the files beside a catalog must agree with it');
      }
      const { planGeneration } = await import('../generation.js');
      const plan = await planGeneration({ ...flags, catalog: context.catalog() ?? 'rovi.yaml' });
      const { diffText } = await import('../text-diff.js');
      if (flags.check === true) {
        const { differences } = plan;
        if (flags.json) {
          terminal.out(
            json({
              out: plan.folder,
              files: plan.files.length,
              differences: differences.map(({ path, kind }) => ({ path, kind })),
            }),
          );
        } else if (differences.length === 0) {
          terminal.out(
            `${terminal.colour.green('✓')} all ${String(plan.files.length)} generated files agree with ${plan.catalogPath}\n`,
          );
        } else {
          for (const difference of differences) terminal.out(diffText(difference, terminal.colour));
          terminal.err(
            `rovictl: ${String(differences.length)} of ${String(plan.files.length)} generated files differ from ${plan.catalogPath}\n` +
              `  mend: run \`rovictl generate --catalog ${plan.catalogPath}\`, look at the result and keep it\n`,
          );
        }
        if (differences.length > 0) endWith(EXIT.drift);
        return;
      }
      const { written, removed } = await plan.write();
      const unchanged = plan.files.length - written.length;
      if (flags.json) terminal.out(json({ out: plan.folder, written, removed, unchanged }));
      else {
        for (const path of written) terminal.out(`${terminal.colour.green('+')} ${path}\n`);
        for (const path of removed) terminal.out(`${terminal.colour.red('-')} ${path}\n`);
        terminal.out(
          `${String(written.length)} written, ${String(removed.length)} removed, ${String(unchanged)} unchanged in ${plan.folder}\n`,
        );
      }
    });
}
