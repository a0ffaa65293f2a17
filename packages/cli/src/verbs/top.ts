import { Command } from 'commander';
import type { VerbContext } from '../verb.js';

/** `rovictl top`: a live table of every unit of one host or several. */
export function topVerb(context: VerbContext): Command {
  return new Command('top')
    .description(
      'a live table of every unit of one or several hosts, with keys to start, stop and look into them',
    )
    .addHelpText(
      'after',
      `
Several hosts: \`rovictl --host yard,hall top\`, a label (\`--host @line2\`) or \`--host all\`.
\`?\` lists the keys. Without a terminal use \`rovictl status --watch\` or \`rovictl status --json\`.`,
    )
    .action(async () => {
      const { runTop } = await import('../top/run-top.js');
      await runTop(context);
    });
}
