import type { Command } from 'commander';
import type { LogsFlags } from '../named-journal.js';
import { hostAndService, takesHostAndService } from '../service-words.js';
import type { VerbContext } from '../verb.js';
import { logsCommand } from './logs.js';

/** `rovictl service logs [HOST] SERVICE`: as `rovictl logs NAME`. */
export function serviceLogsVerb(context: VerbContext): Command {
  return takesHostAndService(logsCommand())
    .description('show the journal of a service')
    .action(async (first: string, second: string | undefined, flags: LogsFlags) => {
      const meant = hostAndService(context, first, second);
      if (meant.context.several() !== null) {
        const { logsOfSeveral } = await import('../several/logs.js');
        await logsOfSeveral(meant.context, meant.service, flags);
        return;
      }
      const { showLogs } = await import('../stack-logs.js');
      await showLogs(meant.context, meant.service, flags);
    });
}
