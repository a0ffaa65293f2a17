import type { Argument, Command, Option } from 'commander';

/** One word that may stand where the cursor is. */
export interface Candidate {
  readonly value: string;
  readonly description: string;
}

/** What to offer: words, and whether file names fit too. */
export interface Completion {
  readonly candidates: readonly Candidate[];
  readonly files: boolean;
}

/** What only the robot can tell; asked for at most once, and only where it is needed. */
export type StackNames = () => Promise<readonly string[]>;

const nothing: Completion = { candidates: [], files: false };
const files: Completion = { candidates: [], files: true };

/**
 * The words that may stand in place of the last of `words`, which is what is typed of it so far. The program itself is
 * not among `words`. Everything comes from the command tree, so that no verb is ever forgotten here.
 */
export async function completionFor(
  program: Command,
  words: readonly string[],
  stackNames: StackNames,
): Promise<Completion> {
  const current = words.at(-1) ?? '';
  let command = program;
  let positional = 0;
  let pending: Option | null = null;
  let onlyArguments = false;
  for (const word of words.slice(0, -1)) {
    if (pending !== null) pending = null;
    else if (onlyArguments) positional += 1;
    else if (word === '--') onlyArguments = true;
    else if (word.startsWith('-')) pending = valueOption(program, command, word);
    else {
      const child = visible(command).find((each) => each.name() === word);
      if (child === undefined) positional += 1;
      else {
        command = child;
        positional = 0;
      }
    }
  }
  if (pending !== null) return startingWith(optionValues(pending), current);
  if (current.startsWith('-') && !onlyArguments) return startingWith(optionsOf(program, command), current);
  const children = visible(command);
  if (children.length > 0) {
    const candidates = children.map((child) => ({ value: child.name(), description: child.description() }));
    return startingWith({ candidates, files: false }, current);
  }
  const argument = command.registeredArguments[positional];
  return argument === undefined
    ? nothing
    : startingWith(await argumentValues(command, argument, stackNames), current);
}

function visible(command: Command): Command[] {
  return command.commands.filter((child) => !child.name().startsWith('__'));
}

function valueOption(program: Command, command: Command, word: string): Option | null {
  if (word.includes('=')) return null;
  const option = [...command.options, ...program.options].find(
    ({ short, long }) => short === word || long === word,
  );
  return option !== undefined && (option.required || option.optional) ? option : null;
}

function optionsOf(program: Command, command: Command): Completion {
  const own = command === program ? program.options : [...command.options, ...program.options];
  return {
    candidates: [
      ...own.map(({ long, short, description }) => ({ value: long ?? short ?? '', description })),
      { value: '--help', description: 'display help' },
    ].filter(({ value }) => value !== ''),
    files: false,
  };
}

function optionValues(option: Option): Completion {
  switch (option.attributeName()) {
    case 'catalog':
    case 'socket':
    case 'out':
    case 'prefix':
      return files;
    case 'priority':
      return plain(['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']);
    case 'invocation':
      return plain(['latest']);
    default:
      return nothing;
  }
}

async function argumentValues(
  command: Command,
  argument: Argument,
  stackNames: StackNames,
): Promise<Completion> {
  switch (argument.name()) {
    case 'name': {
      const names = await stackNames();
      return plain(command.name() === 'logs' ? [...names, 'gateway'] : names);
    }
    case 'command':
    case 'shell':
      return plain(argument.argChoices ?? []);
    case 'file':
      return files;
    default:
      return nothing;
  }
}

function plain(values: readonly string[]): Completion {
  return { candidates: values.map((value) => ({ value, description: '' })), files: false };
}

function startingWith(completion: Completion, prefix: string): Completion {
  return { ...completion, candidates: completion.candidates.filter(({ value }) => value.startsWith(prefix)) };
}
