import { Command } from 'commander';
import { EXIT } from '../exit-codes.js';
import { json, printable } from '../control-codes.js';
import { endWith, type VerbContext } from '../verb.js';

/** `rovictl active`: the name of the stack that holds the robot, and nothing else. */
export function activeVerb(context: VerbContext): Command {
  return new Command('active')
    .description('print the name of the active stack, "none", or "unknown" (exit 5)')
    .option('--json', 'with everything known of that stack, as JSON')
    .action(async (flags: { json?: true }) => {
      const { terminal } = context;
      const { readState } = await import('../read-state.js');
      const { snapshot } = await readState(context);
      const { active, known } = snapshot;
      if (flags.json) {
        terminal.out(
          json({ active, known, stack: snapshot.stacks.find(({ name }) => name === active) ?? null }),
        );
      } else terminal.out(`${printable(active ?? (known ? 'none' : 'unknown'))}\n`);
      if (!known) endWith(EXIT.unreachable);
    });
}
