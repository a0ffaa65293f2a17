import { Command } from 'commander';
import { json } from '../control-codes.js';
import { UsageError, type VerbContext } from '../verb.js';

/** `rovictl status`: the whole state, once or as it changes. */
export function statusVerb(context: VerbContext): Command {
  return new Command('status')
    .description('show gateway, active stack, every stack and service, maintenance and the last operation')
    .option('-w, --watch', 'stay and show every change; survives restarts of the gateway')
    .option('--json', "the API's snapshot as JSON; with --watch, one event a line")
    .addHelpText(
      'after',
      `
Of several hosts (\`--host yard,hall\`) it is one line each.

Where the gateway does not answer, the state is read with systemctl: without processes, and with exit code 5.`,
    )
    .action(async (flags: { watch?: true; json?: true }) => {
      const { terminal } = context;
      if (context.several() !== null) {
        if (flags.watch)
          throw new UsageError(
            '--watch works on one host, and several are named; `rovictl top` shows several',
          );
        const { statusOfSeveral } = await import('../several/status.js');
        await statusOfSeveral(context, flags.json === true);
        return;
      }
      if (flags.watch) {
        const { watchStatus } = await import('../status-watch.js');
        await watchStatus(context, flags.json === true);
        return;
      }
      const { readState } = await import('../read-state.js');
      const { snapshot, source } = await readState(context);
      if (flags.json) {
        terminal.out(json(snapshot));
        return;
      }
      const { statusText } = await import('../views/status.js');
      const { readExtras } = await import('../status-extras.js');
      const extras = await readExtras(await context.client(), snapshot, {
        source,
        local: context.thisMachine() !== null,
      });
      terminal.out(
        statusText({
          snapshot,
          source,
          now: Date.now(),
          colour: terminal.colour,
          width: terminal.width(),
          lostAt: null,
          host: context.host(),
          ...extras,
        }),
      );
    });
}
