import type { Command } from 'commander';

/** The option of a command that several hosts can be meant by, and that asks them first. */
export function takesSeveralHosts(command: Command): Command {
  return command.option(
    '--skip-unreachable',
    'of several hosts: go on without those that cannot be reached; they count as failed',
  );
}

/** The same, for a verb that asks on several hosts alone. */
export function asksOnSeveralHosts(command: Command): Command {
  return takesSeveralHosts(command.option('-y, --yes', 'on several hosts: say yes to what is shown'));
}

/** The options of a restart that can go from host to host, and be gone on with. */
export function rollsOverHosts(command: Command): Command {
  return command
    .option(
      '--resume [id]',
      'go on with a rolling restart over hosts that did not end well; default: the last one',
    )
    .option('--list', 'show the rolling restarts over hosts that did not end well');
}
