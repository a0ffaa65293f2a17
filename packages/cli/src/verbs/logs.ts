import { Command, InvalidArgumentError } from 'commander';
import type { LogsFlags } from '../stack-logs.js';
import type { VerbContext } from '../verb.js';

/** `rovictl logs [NAME]`: the journal of a stack, or of the gateway. */
export function logsVerb(context: VerbContext): Command {
  return new Command('logs')
    .description('show the journal of a stack (default: the active one), or of "gateway"')
    .argument('[name]', 'a stack, or "gateway"')
    .option('-f, --follow', 'stay and show what comes')
    .option('-n, --lines <n>', 'the last n entries', count, 100)
    .option('--invocation <id>', 'only one run: 32 hexadecimal digits, or "latest"', invocation)
    .option('-p, --priority <level>', 'this urgency and above: emerg … debug, or 0 to 7', priority)
    .option('--json', 'one JSON object a line')
    .addHelpText(
      'after',
      `
Where the gateway does not answer, the journal is read with journalctl, and the exit code is 5; reading with it needs
the group systemd-journal or root. The gateway's own journal is always read so.`,
    )
    .action(async (name: string | undefined, flags: LogsFlags) => {
      const { showLogs } = await import('../stack-logs.js');
      await showLogs(context, name, flags);
    });
}

function count(text: string): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) > 100_000) {
    throw new InvalidArgumentError('expected a whole number from 0 to 100000');
  }
  return Number(text);
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
