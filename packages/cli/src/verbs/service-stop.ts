import { Command } from 'commander';
import type { ServiceFlags } from '../service-command.js';
import { takesSeveralHosts } from '../several/options.js';
import { hostAndService, takesHostAndService } from '../service-words.js';
import type { VerbContext } from '../verb.js';

/** `rovictl service stop [HOST] SERVICE`: asks first where others stop with it. */
export function serviceStopVerb(context: VerbContext): Command {
  return takesSeveralHosts(takesHostAndService(new Command('stop')))
    .description(
      'stop a service, past the gateway where that does not answer; shows first what stops with it, and asks',
    )
    .option('--reason <text>', 'why; kept in the record of the operation')
    .option('-y, --yes', 'say yes to what is shown')
    .option('--json', "the operation's record as JSON")
    .action(async (first: string, second: string | undefined, flags: ServiceFlags) => {
      const meant = hostAndService(context, first, second);
      const { service } = meant;
      const { commandService } = await import('../service-command.js');
      await commandService(meant.context, { command: 'stop', service }, flags);
    });
}
