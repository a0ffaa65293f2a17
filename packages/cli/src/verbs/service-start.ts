import { Command } from 'commander';
import type { ServiceFlags } from '../service-command.js';
import { hostAndService, takesHostAndService } from '../service-words.js';
import { asksOnSeveralHosts } from '../several/options.js';
import type { VerbContext } from '../verb.js';

/** `rovictl service start [HOST] SERVICE`. */
export function serviceStartVerb(context: VerbContext): Command {
  return asksOnSeveralHosts(takesHostAndService(new Command('start')))
    .description('start a service, after all it requires')
    .option('--reason <text>', 'why; kept in the record of the operation')
    .option('--json', "the operation's record as JSON")
    .action(async (first: string, second: string | undefined, flags: ServiceFlags) => {
      const meant = hostAndService(context, first, second);
      const { service } = meant;
      const { commandService } = await import('../service-command.js');
      await commandService(meant.context, { command: 'start', service }, flags);
    });
}
