import { Command } from 'commander';
import { RoviError } from '@rovi/contract';
import { json } from '../control-codes.js';
import type { VerbContext } from '../verb.js';

/** `rovictl fleet runs [ID]`. */
export function fleetRunsVerb(context: VerbContext): Command {
  return new Command('runs')
    .description('what was commanded to the fleet, newest first; or what became of one of them')
    .argument('[run]', 'its id')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
They are the memory of the gateway that commanded, until it is restarted. Each robot keeps its own: \`rovictl operations\`
and \`rovictl audit\` there.`,
    )
    .action(async (id: string | undefined, flags: { json?: true }) => {
      const { terminal } = context;
      const { runsText, runText } = await import('../views/fleet-run.js');
      const runs = await (await context.client()).fleet.runs();
      const look = { now: Date.now(), colour: terminal.colour };
      if (id === undefined) {
        terminal.out(flags.json ? json({ runs }) : runsText(runs, look));
        return;
      }
      const run = runs.find((one) => one.id === id);
      if (run === undefined) {
        throw new RoviError('not-found', `this run of the gateway knows of no run "${id}" of the fleet`, {
          mend: '`rovictl fleet runs` lists those it remembers.',
        });
      }
      terminal.out(flags.json ? json(run) : runText(run, [], look));
    });
}
