import { Command } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl stack list`: every stack of the catalog, one a line. */
export function stackListVerb(context: VerbContext): Command {
  return new Command('list')
    .description('list the stacks with their state')
    .option('--json', 'as JSON')
    .action(async (flags: { json?: true }) => {
      const { terminal } = context;
      const { readState } = await import('../read-state.js');
      const { stacksText } = await import('../views/stacks-table.js');
      const { snapshot } = await readState(context);
      if (flags.json) terminal.out(json(snapshot.stacks));
      else {
        terminal.out(
          stacksText({ snapshot, now: Date.now(), colour: terminal.colour, width: terminal.width() }),
        );
      }
    });
}
