import { Command, InvalidArgumentError } from 'commander';
import { unitBaseName } from '@rovi/contract';
import { STATE_WORDS, type StateWord } from '../fleet/state-words.js';
import { wholeNumber } from '../numbers.js';
import { UsageError, type VerbContext } from '../verb.js';

interface Flags {
  on?: string[];
  all?: true;
  state?: StateWord[];
  active?: string;
  away?: true;
  yes?: true;
  wait?: number;
  atOnce?: number;
  rolling?: true;
  reason?: string;
  json?: true;
}

/** `rovictl fleet run COMMAND… --on ROBOT,…`. */
export function fleetRunVerb(context: VerbContext): Command {
  return new Command('run')
    .description('one command to several robots: shows what it would hit, asks, and shows how it goes on')
    .argument('<command...>', 'stack start NAME, service restart NAME, stop-all, estop, …')
    .option('--on <robots>', 'these robots, by name, with commas between', names)
    .option('--all', 'every robot that is there')
    .option(
      '--state <states>',
      'those that are well, not-well, warn, error, unknown, stale or offline',
      states,
    )
    .option('--active <stack>', 'those on which this stack is active; none: those without one', oneName)
    .option('--away', 'those too that are away, by what they said last')
    .option('-y, --yes', 'say yes to what is shown')
    .option(
      '--wait <seconds>',
      'a robot that is away may come back within so many, and is asked then',
      wholeNumber(0, 3_600),
    )
    .option('--at-once <n>', 'so many robots at a time (default: 50)', wholeNumber(1, 1_000))
    .option(
      '--rolling',
      'one robot after the other, and of a service one instance; ends at the first that fails',
    )
    .option('--reason <text>', "why; kept in each robot's record")
    .option('--json', 'what became of it as JSON')
    .addHelpText(
      'after',
      `
Commands: stack start|stop|restart|switch NAME
          service start|stop|restart|rolling-restart NAME
          stop-all, estop: sent at once to all of them, without a question

A robot that is away when its time is over never does it later. One that does not answer after it was told is shown as
"outcome not known": look at it before you repeat anything. Exit code 8 where some did it and others did not.

For example: rovictl fleet run stack switch nav --active teleop
             rovictl fleet run service restart api --all --rolling`,
    )
    .action(async (words: string[], flags: Flags) => {
      const { fleetCommandOf } = await import('../fleet/command-words.js');
      const command = fleetCommandOf(words, { rolling: flags.rolling === true });
      const wanted = wantedOf(flags);
      if (flags.rolling && (flags.atOnce ?? 1) !== 1)
        throw new UsageError('--rolling is one robot after the other: without --at-once; nothing was done');
      const { runOnFleet } = await import('../fleet/fleet-run.js');
      const atOnce = flags.rolling ? 1 : flags.atOnce;
      await runOnFleet(context, command, {
        wanted,
        yes: flags.yes === true,
        json: flags.json === true,
        reason: flags.reason ?? '',
        waitS: flags.wait ?? 0,
        stopAtFailure: flags.rolling === true,
        ...(atOnce === undefined ? {} : { atOnce }),
      });
    });
}

/** Nobody means every robot by saying nothing. */
function wantedOf({ on, all, state, active, away }: Flags): {
  on: string[] | null;
  states: StateWord[] | null;
  active: string | null;
  away: boolean;
} {
  const chosen = state !== undefined || active !== undefined;
  if (on !== undefined && (all || chosen || away))
    throw new UsageError('robots are named with --on, or chosen with the others: not both; nothing was done');
  if (on === undefined && !all && !chosen)
    throw new UsageError('which robots? Name them with --on, choose with --state or --active, or say --all');
  return { on: on ?? null, states: state ?? null, active: active ?? null, away: away === true };
}

function names(text: string, before: string[] = []): string[] {
  const found = text.split(',').map((name) => oneName(name.trim()));
  return [...before, ...found];
}

function oneName(text: string): string {
  if (unitBaseName.safeParse(text).success) return text;
  throw new InvalidArgumentError(`"${text}" is no name.`);
}

function states(text: string, before: StateWord[] = []): StateWord[] {
  const found = text.split(',').map((word) => {
    const one = STATE_WORDS.find((state) => state === word.trim());
    if (one === undefined) throw new InvalidArgumentError(`expected of ${STATE_WORDS.join(', ')}.`);
    return one;
  });
  return [...before, ...found];
}
