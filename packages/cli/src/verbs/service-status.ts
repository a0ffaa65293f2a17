import { Command } from 'commander';
import { json } from '../control-codes.js';
import { hostAndService, takesHostAndService } from '../service-words.js';
import type { VerbContext } from '../verb.js';

/** `rovictl service status [HOST] SERVICE`: everything about one service. */
export function serviceStatusVerb(given: VerbContext): Command {
  return takesHostAndService(new Command('status'))
    .description('show the instances of a service, its checks, supervision, dependencies and maintenance')
    .option('--json', 'as JSON')
    .action(async (first: string, second: string | undefined, flags: { json?: true }) => {
      const { context, service: name } = hostAndService(given, first, second);
      if (context.several() !== null) {
        const { serviceStatusOfSeveral } = await import('../several/status.js');
        await serviceStatusOfSeveral(context, name, flags.json === true);
        return;
      }
      const { terminal } = context;
      const { findService } = await import('../find-service.js');
      const { serviceText } = await import('../views/service.js');
      const snapshot = await (await context.client()).state();
      const service = findService(snapshot, name);
      const view = { now: Date.now(), colour: terminal.colour, width: terminal.width() };
      terminal.out(flags.json ? json(service) : serviceText({ service, snapshot, ...view }));
    });
}
