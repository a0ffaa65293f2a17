import { Command } from 'commander';
import { json, printable } from '../control-codes.js';
import type { VerbContext } from '../verb.js';
import { estopResetVerb } from './estop-reset.js';

/** Milliseconds that are waited for what runs on. */
const LOOK_MS = 2_000;

/** `rovictl estop [--reason TEXT]`, and `rovictl estop reset`. */
export function estopVerb(context: VerbContext): Command {
  return new Command('estop')
    .description('stop what tickets move, at once, and let nothing begin until it is reset')
    .option('--reason <text>', 'why, for all who look at the robot')
    .option('--json', 'as JSON')
    .helpCommand(false)
    .allowExcessArguments(false)
    .addHelpText(
      'after',
      `
It ends what tickets move, and nothing else: it is no safety function. It has no way past a gateway that is away; use
the e-stop of the machine then.`,
    )
    .action(async (flags: { reason?: string; json?: true }) => {
      if (context.several() !== null) {
        const { estopSeveral } = await import('../several/estop.js');
        await estopSeveral(context, flags);
        return;
      }
      const { terminal } = context;
      const { REASON_CHARACTERS, STOP_MS, withMachineEstop } = await import('../machine-estop.js');
      const host = await context.target();
      const client = await context
        .client()
        .catch((error: unknown) => Promise.reject(withMachineEstop(error, host) as Error));
      const estop = await client.tickets
        .estop({ reason: (flags.reason ?? '').slice(0, REASON_CHARACTERS), timeout: STOP_MS })
        .catch((error: unknown) => Promise.reject(withMachineEstop(error, host) as Error));
      if (!estop.stored) {
        terminal.err(
          `${terminal.errColour.yellow('warning:')} it could not be written down: a restart of the gateway forgets it\n`,
        );
      }
      if (flags.json) {
        terminal.out(json(estop));
        return;
      }
      const { red, bold } = terminal.colour;
      const by = printable(estop.actor?.name ?? 'somebody');
      terminal.out(
        `${red(bold('■ E-STOP'))} by ${by}: no ticket moves the robot until \`rovictl estop reset\`\n`,
      );
      // Said once it has acted, and only where it can be known: an answer that is late keeps nobody.
      const { runsOnText } = await import('../views/ticket-desk.js');
      const active = await client.state({ timeout: LOOK_MS }).then(
        (state) => state.active,
        () => null,
      );
      terminal.out(terminal.colour.yellow(runsOnText(active)));
    })
    .addCommand(estopResetVerb(context));
}
