import { Command } from 'commander';
import { json } from '../control-codes.js';
import { UsageError } from '../verb.js';
import type { VerbContext } from '../verb.js';

/** `rovictl audit`: who commanded what, from where, and what came of it. */
export function auditVerb(context: VerbContext): Command {
  return new Command('audit')
    .description('list who commanded what, from where, and what came of it')
    .option('-n, --lines <count>', 'the last so many entries', '40')
    .option('--json', 'as JSON')
    .action(async (flags: { lines: string; json?: true }) => {
      const lines = Number(flags.lines);
      if (!Number.isInteger(lines) || lines < 1 || lines > 10_000) {
        throw new UsageError(`"${flags.lines}" is no number of entries: expected 1 to 10000`);
      }
      const { terminal } = context;
      const entries = await (await context.client()).audit(lines);
      if (flags.json) return void terminal.out(json(entries));
      const { auditText } = await import('../views/audit.js');
      terminal.out(auditText(entries, Date.now(), terminal.colour));
    });
}
