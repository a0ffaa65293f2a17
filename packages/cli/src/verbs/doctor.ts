import { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { json } from '../control-codes.js';
import { endWith, type VerbContext } from '../verb.js';

/** `rovictl doctor`: proves the installation, check by check, each fault with its mend. */
export function doctorVerb(context: VerbContext): Command {
  return new Command('doctor')
    .description(
      'prove the installation: units, rule, group, lock, gateway, and what polkit answers for whom',
    )
    .option(
      '--prefix <prefix>',
      'where the program is installed (default: where this rovictl is, else /usr/local)',
    )
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Exits with 7 where there is any fault. Some things only root may see: without root they are "unknown", which is no fault.
Nothing is changed.`,
    )
    .action(async (flags: { prefix?: string; json?: true }) => {
      const { terminal } = context;
      const { examine } = await import('../doctor/examine.js');
      const { doctorText } = await import('../views/doctor.js');
      const checks = await examine(context, flags.prefix);
      const faults = checks.filter(({ finding }) => finding === 'fault').length;
      if (flags.json) terminal.out(json({ healthy: faults === 0, checks }));
      else terminal.out(doctorText(checks, terminal.colour));
      if (faults > 0) endWith(EXIT.drift);
    });
}
