import { Command } from 'commander';
import { RoviError } from '@rovi/contract';
import { json } from '../control-codes.js';
import { EXIT } from '../exit-codes.js';
import { endWith, type VerbContext } from '../verb.js';

interface Flags {
  reason?: string;
  yes?: true;
  json?: true;
}

/** `rovictl estop reset`: shows what will go on, and asks. */
export function estopResetVerb(context: VerbContext): Command {
  return new Command('reset')
    .description('lift the e-stop: what is queued goes on by its turn')
    .option('--reason <text>', 'why; kept in the audit')
    .option('-y, --yes', 'say yes to what is shown')
    .option('--json', 'as JSON')
    .action(async (_flags: unknown, command: Command) => {
      // Options that `estop` has too are taken for its own, wherever they stand.
      const flags = command.optsWithGlobals<Flags>();
      const { terminal } = context;
      const { askYesOrNo, canAsk } = await import('../ask.js');
      const { estopText, queuedText } = await import('../views/ticket-desk.js');
      const client = await context.client();
      const { tickets, active } = await client.state();
      if (tickets?.estop.active === true) {
        const total = tickets.counts.queued;
        const colour = terminal.errColour;
        terminal.err(estopText({ tickets, active }, { now: Date.now(), colour }));
        terminal.err(
          total === 0
            ? 'nothing is queued: nothing begins by the reset\n'
            : `${String(total)} queued, which begin by their turn:\n${queuedText(tickets, colour)}`,
        );
        if (flags.yes !== true) {
          if (!canAsk()) throw unasked();
          if (!(await askYesOrNo(terminal, 'may the robot move?'))) {
            terminal.err('nothing was done\n');
            endWith(EXIT.refused);
            return;
          }
        }
      }
      const estop = await client.tickets.resetEstop({ reason: flags.reason ?? '' });
      if (flags.json) terminal.out(json(estop));
      else terminal.out(`${terminal.colour.green('✓')} the e-stop is not active\n`);
    });
}

function unasked(): RoviError {
  return new RoviError(
    'confirmation-required',
    'the robot may move once the e-stop is reset, and there is no terminal to ask on; nothing was done',
    { mend: 'See that it may; in a script say yes with --yes.' },
  );
}
