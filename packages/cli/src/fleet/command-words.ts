import { unitBaseName, type FleetCommand } from '@rovi/contract';
import { UsageError } from '../verb.js';

const stackWords = ['start', 'stop', 'restart', 'switch'] as const;
const serviceWords = {
  start: 'service-start',
  stop: 'service-stop',
  restart: 'service-restart',
  'rolling-restart': 'service-rolling-restart',
} as const;

/** How the words are put, for the help and for who got them wrong. */
export const COMMAND_WORDS =
  'stack start|stop|restart|switch NAME, service start|stop|restart|rolling-restart NAME, stop-all or estop';

/**
 * The command that the words of `rovictl fleet run` mean. `rolling`: a restart of a service is one of its instances at a
 * time too. Throws a UsageError for words that mean none: then nothing was sent.
 */
export function fleetCommandOf(words: readonly string[], { rolling = false } = {}): FleetCommand {
  const [kind = '', verb = '', name, ...more] = words;
  if (words.length === 1 && (kind === 'stop-all' || kind === 'estop')) return { kind };
  if (name === undefined || more.length > 0) throw notOne(words);
  if (!unitBaseName.safeParse(name).success)
    throw new UsageError(`"${name}" cannot be the name of a stack or service; nothing was done`);
  if (kind === 'stack') {
    const one = stackWords.find((word) => word === verb);
    if (one !== undefined) return { kind: one, stack: name };
  }
  if (kind === 'service' && Object.hasOwn(serviceWords, verb)) {
    const one = serviceWords[verb as keyof typeof serviceWords];
    return { kind: rolling && one === 'service-restart' ? 'service-rolling-restart' : one, service: name };
  }
  throw notOne(words);
}

function notOne(words: readonly string[]): UsageError {
  return new UsageError(
    `"${words.join(' ')}" is no command for a fleet: it is ${COMMAND_WORDS}; nothing was done`,
  );
}
