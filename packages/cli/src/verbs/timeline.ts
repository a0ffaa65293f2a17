import { Command, InvalidArgumentError } from 'commander';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** Changes that fit on a screen. */
const SHOWN = 40;

/** `rovictl timeline`: what happened to the stacks, and whose command it was. */
export function timelineVerb(context: VerbContext): Command {
  return new Command('timeline')
    .description('list the last changes of state, commanded or not')
    .option('-n, --lines <count>', 'the last so many changes', count, SHOWN)
    .option('--json', 'all that is kept, with the operations, as JSON')
    .action(async (flags: { lines: number; json?: true }) => {
      const { terminal } = context;
      const timeline = await (await context.client()).timeline();
      const { timelineText } = await import('../views/timeline.js');
      terminal.out(
        flags.json ? json(timeline) : timelineText(timeline, flags.lines, Date.now(), terminal.colour),
      );
    });
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('expected a whole number above 0.');
  return number;
}
