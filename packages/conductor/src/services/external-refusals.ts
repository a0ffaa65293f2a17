import type { ExternalTerms, ExternalVerb } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { ServiceIntent } from '../ports/conductor-api.js';
import { isAtRest } from '../stack-status.js';
import type { ServiceObserver } from './service-observer.js';

/** What of the rule of polkit each command needs. */
const needs = {
  start: 'start',
  scale: 'start',
  stop: 'stop',
  restart: 'restart',
  'rolling-restart': 'restart',
} as const satisfies Record<ServiceIntent['kind'], ExternalVerb>;

/** Throws `command-not-allowed`, `unit-missing` or `unit-masked` where this unit of the system is not to be commanded so. */
export function requireCommandable({ kind, service }: ServiceIntent, observer: ServiceObserver): void {
  const { external } = observer.entry(service);
  if (external === undefined) return;
  requireVerb(service, external, needs[kind]);
  const missing = missingUnit(service, observer);
  if (missing !== null) throw missing;
}

/**
 * Throws `command-not-allowed` where a restart ends others with the unit: then it is a stop and a start, for what is not to
 * come back must not be brought back by systemd.
 */
export function requireStopAndStart(
  service: string,
  others: readonly string[],
  observer: ServiceObserver,
): void {
  const { external } = observer.entry(service);
  if (external === undefined || others.length === 0) return;
  const lacking = (['stop', 'start'] as const).find((verb) => !external.allow.includes(verb));
  if (lacking === undefined) return;
  throw notAllowed(
    service,
    external,
    lacking,
    `a restart of ${service} while ${others.join(', ')} runs is a stop and a start, and`,
  );
}

/** Why this unit of the system cannot be brought up for what needs it; null where it can, or is no such unit. */
export function startObstacle(
  service: string,
  observer: ServiceObserver,
): { readonly text: string; readonly refusal: (neededBy: string) => RoviError } | null {
  const { external } = observer.entry(service);
  if (external === undefined) return null;
  if (!external.allow.includes('start')) {
    return {
      text: 'does not run, and operators may not start it',
      refusal: (neededBy) =>
        notAllowed(service, external, 'start', `${neededBy} needs ${service}, which does not run:`),
    };
  }
  const missing = missingUnit(service, observer);
  return missing === null ? null : { text: 'is not installed, or masked', refusal: () => missing };
}

function requireVerb(service: string, external: ExternalTerms, verb: ExternalVerb): void {
  if (!external.allow.includes(verb)) throw notAllowed(service, external, verb);
}

function notAllowed(service: string, external: ExternalTerms, verb: ExternalVerb, before = ''): RoviError {
  const { unit, allow } = external;
  const line = `external: ${service}: allow: [${[...allow, verb].join(', ')}]`;
  const what = `operators may not ${verb} ${service}: ${unit} is a unit of the system, and the catalog allows ${allow.length === 0 ? 'nothing but to watch it' : `${allow.join(' and ')} alone`}`;
  return new RoviError('command-not-allowed', before === '' ? what : `${before} ${what}`, {
    mend: `An admin does it: \`sudo systemctl ${verb} ${unit}\`; or allows it, by \`${line}\` in the catalog and install.sh.`,
    context: { service, unit, verb, allow },
  });
}

/** The refusal for a unit that is at rest, and that systemd has no file of; null for others. */
function missingUnit(service: string, observer: ServiceObserver): RoviError | null {
  const { unit, knowledge } = observer.instance(service, 1);
  if (knowledge === null || !isAtRest(knowledge)) return null;
  const { loadState } = knowledge.reading;
  if (loadState === 'loaded') return null;
  const context = { service, unit, load_state: loadState };
  if (loadState === 'masked') {
    return new RoviError('unit-masked', `${unit} is masked: ${service} cannot be commanded`, {
      mend: `An admin unmasks it: \`systemctl unmask ${unit}\`.`,
      context,
    });
  }
  return new RoviError('unit-missing', `${unit} is not installed on this robot (systemd says ${loadState})`, {
    mend: `An admin installs what brings ${unit}, or takes \`external: ${service}\` out of the catalog. An alias does not count: \`systemctl status ${unit}\`.`,
    context,
  });
}
