import { Command, InvalidArgumentError, Option } from 'commander';
import type { LogsFlags } from '../named-journal.js';
import { wholeNumber } from '../numbers.js';
import type { VerbContext } from '../verb.js';

/** `rovictl logs [NAME]`: the journal of a stack or service, or of the gateway. */
export function logsVerb(context: VerbContext): Command {
  return logsCommand()
    .description('show the journal of a stack (default: the active one) or service, or of "gateway"')
    .argument('[name]', 'a stack, a service, or "gateway"')
    .action(async (name: string | undefined, flags: LogsFlags) => {
      if (context.several() !== null) {
        const { logsOfSeveral } = await import('../several/logs.js');
        await logsOfSeveral(context, name, flags);
        return;
      }
      const { showLogs } = await import('../stack-logs.js');
      await showLogs(context, name, flags);
    });
}

/** What every verb that shows a journal takes. */
export function logsCommand(): Command {
  return new Command('logs')
    .option('-f, --follow', 'stay and show what comes')
    .option('-n, --lines <n>', 'the last n entries', wholeNumber(0, 100_000), 100)
    .option('--invocation <id>', 'only one run: 32 hexadecimal digits, or "latest"', invocation)
    .option('-p, --priority <level>', 'this urgency and above: emerg … debug, or 0 to 7', priority)
    .option('--instance <n>', 'of a service with several instances: whose', wholeNumber(1, 50))
    .addOption(new Option('--stderr', 'of a service: only what its program wrote there').conflicts('stdout'))
    .option('--stdout', 'of a service: only what its program wrote there')
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      `
Of several hosts (\`--host yard,hall\`) it is one journal in the order of time, each line with its host.

Where the gateway does not answer, the journal is read with journalctl, and the exit code is 5; reading with it needs
the group systemd-journal or root. The gateway's own journal is always read so.`,
    );
}

function invocation(text: string): string {
  if (!/^(?:[0-9a-f]{32}|latest)$/.test(text)) {
    throw new InvalidArgumentError('expected 32 hexadecimal digits, or "latest"');
  }
  return text;
}

const levels = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

function priority(text: string): number {
  const level = /^[0-7]$/.test(text) ? Number(text) : levels.indexOf(text);
  if (level === -1) throw new InvalidArgumentError(`expected one of ${levels.join(', ')}, or 0 to 7`);
  return level;
}
