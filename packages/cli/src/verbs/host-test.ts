import { Command } from 'commander';
import { LOCAL_HOST } from '@rovi/contract';
import { json } from '../control-codes.js';
import { ALL_HOSTS } from '../hosts/means-several.js';
import { endWith, UsageError, type VerbContext } from '../verb.js';

/** `rovictl host test [NAME…|--all]`. */
export function hostTestVerb(context: VerbContext): Command {
  return new Command('test')
    .description('ask robots for their state: who answers, as what, how quickly; nothing is changed')
    .argument('[hosts...]', 'names, `@label`, `all`, lists of these; none with --all')
    .option('--all', 'every robot of the inventory, and this machine')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
Exits with 0 where all answer, with 8 where some do, and where none does with what the first one's error exits with.`,
    )
    .action(async (names: string[], flags: { all?: true; json?: true }) => {
      if (names.length > 0 === (flags.all === true)) throw new UsageError('name hosts, or give --all');
      const { terminal } = context;
      const { openTargets } = await import('../hosts/targets.js');
      const { testHosts } = await import('../hosts/test-hosts.js');
      const { exitCodeOfAll } = await import('../several/host-outcome.js');
      const { hostTestsText } = await import('../views/hosts.js');
      // This machine is there also where the inventory is empty.
      const everybody = (await hasHosts()) ? `${LOCAL_HOST},${ALL_HOSTS}` : LOCAL_HOST;
      const expression = flags.all === true ? everybody : names.join(',');
      const results = await testHosts(await openTargets(context, { expression, mayAsk: false }));
      if (flags.json) terminal.out(json(results));
      else terminal.out(hostTestsText(results, terminal.colour));
      endWith(
        exitCodeOfAll(
          results.map(({ problem }) => ({ problem, outcome: problem === null ? 'succeeded' : 'failed' })),
        ),
      );
    });
}

async function hasHosts(): Promise<boolean> {
  const { readHosts } = await import('../hosts/inventory.js');
  return (await readHosts()).length > 0;
}
