import { Command } from 'commander';
import { isOfEarlier, type RollingFlags } from '../rolling/rolling-flags.js';
import type { ServiceFlags } from '../service-command.js';
import { hostAndService, takesHostAndService } from '../service-words.js';
import { rollsOverHosts, takesSeveralHosts } from '../several/options.js';
import { UsageError, type VerbContext } from '../verb.js';

/** `rovictl service restart [HOST] SERVICE [--cascade|--rolling]`: asks first where others stop with it. */
export function serviceRestartVerb(context: VerbContext): Command {
  const command = takesHostAndService(new Command('restart'), 'unless-resumed');
  return rollsOverHosts(takesSeveralHosts(command))
    .description('stop and start a service; shows first what else that hits, and asks')
    .option('--cascade', 'start again what ran and requires it')
    .option(
      '--rolling',
      'one instance at a time, and one host at a time, each waited for; ends at the first that fails',
    )
    .option('--reason <text>', 'why; kept in the record of the operation')
    .option('-y, --yes', 'say yes to what is shown')
    .option('--json', "the operation's record as JSON")
    .action(
      async (
        first: string | undefined,
        second: string | undefined,
        flags: ServiceFlags & RollingFlags & { cascade?: true },
      ) => {
        if (flags.cascade && flags.rolling) throw new UsageError('either --cascade or --rolling, not both');
        if (isOfEarlier(flags)) {
          if (first !== undefined || flags.cascade) {
            throw new UsageError(
              '--resume and --list stand alone: what is restarted, and where, is written down',
            );
          }
          const { earlierRolling } = await import('../rolling/begin-or-resume.js');
          await earlierRolling(context, 'service', flags);
          return;
        }
        if (first === undefined) throw new UsageError('name the service');
        const meant = hostAndService(context, first, second);
        const { service } = meant;
        if (flags.rolling && meant.context.several() !== null) {
          const { beginRolling } = await import('../rolling/begin-or-resume.js');
          await beginRolling(meant.context, { kind: 'service', name: service }, flags);
          return;
        }
        const { commandService } = await import('../service-command.js');
        const command = flags.rolling ? 'rolling-restart' : 'restart';
        await commandService(meant.context, { command, service, cascade: flags.cascade === true }, flags);
      },
    );
}
