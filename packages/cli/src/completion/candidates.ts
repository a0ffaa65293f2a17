import type { Argument, Command, Option } from 'commander';
import { STATE_WORDS } from '../fleet/state-words.js';

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

/** What stacks, services, tickets and their commands are called. */
export interface KnownNames {
  readonly stacks: readonly string[];
  readonly services: readonly string[];
  /** Ids of the newest tickets. */
  readonly tickets: readonly string[];
  /** Commands that tickets may have. */
  readonly ticketCommands: readonly string[];
  /** The hosts of the inventory, and `local`. */
  readonly hosts: readonly string[];
  /** What stands for several of them: the labels with their sign, and `all`. */
  readonly groups: readonly string[];
  /** The robots of the fleet that the gateway observes. */
  readonly robots: readonly string[];
  /** Its last runs. */
  readonly runs: readonly string[];
}

/** What only the robot can tell, or the inventory of hosts; asked for only where it is needed. */
export type AskNames = (who: 'robot' | 'inventory') => Promise<KnownNames>;

const nothing: Completion = { candidates: [], files: false };
const files: Completion = { candidates: [], files: true };

/**
 * The words that may stand in place of the last of `words`, which is what is typed of it so far. The program itself is
 * not among `words`. Everything comes from the command tree, so that no verb is ever forgotten here.
 */
export async function completionFor(
  program: Command,
  words: readonly string[],
  askNames: AskNames,
): Promise<Completion> {
  const current = words.at(-1) ?? '';
  let command = program;
  let given: string[] = [];
  let pending: Option | null = null;
  let onlyArguments = false;
  for (const word of words.slice(0, -1)) {
    if (pending !== null) pending = null;
    else if (onlyArguments) given.push(word);
    else if (word === '--') onlyArguments = true;
    else if (word.startsWith('-')) pending = valueOption(program, command, word);
    else {
      const child = visible(command).find((each) => each.name() === word);
      if (child === undefined) given.push(word);
      else {
        command = child;
        given = [];
      }
    }
  }
  if (pending !== null) return startingWith(await optionValues(pending, current, askNames), current);
  if (current.startsWith('-') && !onlyArguments) return startingWith(optionsOf(program, command), current);
  const children = visible(command);
  if (children.length > 0) {
    const candidates = children.map((child) => ({ value: child.name(), description: child.description() }));
    return startingWith({ candidates, files: false }, current);
  }
  if (command.name() === 'run' && command.parent?.name() === 'fleet')
    return startingWith(plain(await fleetWords(given, askNames)), current);
  const last = command.registeredArguments.at(-1);
  const argument = command.registeredArguments[given.length] ?? (last?.variadic === true ? last : undefined);
  return argument === undefined
    ? nothing
    : startingWith(await argumentValues(command, argument, { current, askNames }), current);
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

async function optionValues(option: Option, current: string, askNames: AskNames): Promise<Completion> {
  if (option.argChoices !== undefined) return plain(option.argChoices);
  switch (option.attributeName()) {
    case 'host':
      return plain(hostWords(await askNames('inventory'), current));
    case 'catalog':
    case 'tokenFile':
    case 'caFile':
    case 'socket':
    case 'out':
    case 'prefix':
      return files;
    case 'priority':
      return plain(['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug']);
    case 'invocation':
      return plain(['latest']);
    case 'on':
      return plain(continued((await askNames('robot')).robots, current));
    case 'state':
      return plain(continued(STATE_WORDS, current));
    case 'active':
      return plain([...(await askNames('robot')).stacks, 'none']);
    default:
      return nothing;
  }
}

async function argumentValues(
  command: Command,
  argument: Argument,
  { current, askNames }: { readonly current: string; readonly askNames: AskNames },
): Promise<Completion> {
  switch (argument.name()) {
    case 'name': {
      const { stacks, services } = await askNames('robot');
      if (command.parent?.name() === 'stack') return plain(stacks);
      return plain([...stacks, ...services, ...(command.name() === 'logs' ? ['gateway'] : [])]);
    }
    case 'host':
      return plain((await askNames('inventory')).hosts);
    case 'hosts':
      return plain(hostWords(await askNames('inventory'), current));
    case 'host-or-service':
      return plain([
        ...(await askNames('robot')).services,
        ...hostWords(await askNames('inventory'), current),
      ]);
    case 'service':
      return plain((await askNames('robot')).services);
    case 'robots':
      return plain((await askNames('robot')).robots);
    case 'run':
      return plain((await askNames('robot')).runs);
    case 'ticket':
      return plain((await askNames('robot')).tickets);
    case 'command':
      if (command.parent?.name() === 'ticket') return plain((await askNames('robot')).ticketCommands);
      return plain(argument.argChoices ?? []);
    case 'shell':
      return plain(argument.argChoices ?? []);
    case 'file':
      return files;
    default:
      return nothing;
  }
}

/** What may stand for hosts; in a list with commas, what may be its next part. */
function hostWords({ hosts, groups }: KnownNames, current: string): string[] {
  return continued([...hosts, ...groups], current);
}

/** The next of the words of `fleet run`, after those that are `given`. */
async function fleetWords(given: readonly string[], askNames: AskNames): Promise<readonly string[]> {
  const [kind, verb, ...more] = given;
  if (kind === undefined) return ['stack', 'service', 'stop-all', 'estop'];
  if ((kind !== 'stack' && kind !== 'service') || more.length > 0) return [];
  if (verb !== undefined) return (await askNames('robot'))[kind === 'stack' ? 'stacks' : 'services'];
  return kind === 'stack'
    ? ['start', 'stop', 'restart', 'switch']
    : ['start', 'stop', 'restart', 'rolling-restart'];
}

/** What may stand for the last of several words with commas between: none of them twice. */
function continued(values: readonly string[], current: string): string[] {
  const typed = current.split(',').slice(0, -1);
  const before = typed.map((part) => `${part},`).join('');
  return values.filter((value) => !typed.includes(value)).map((value) => `${before}${value}`);
}

function plain(values: readonly string[]): Completion {
  return { candidates: values.map((value) => ({ value, description: '' })), files: false };
}

function startingWith(completion: Completion, prefix: string): Completion {
  return { ...completion, candidates: completion.candidates.filter(({ value }) => value.startsWith(prefix)) };
}
