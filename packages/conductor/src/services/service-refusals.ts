import type { Impact, Operation, ServiceEntry } from '@rovi/contract';
import { RoviError } from '@rovi/contract';

/** How many services one text names. */
const NAMED = 5;

/** The refusal of a number of instances that the catalog does not allow. */
export function outOfBounds(
  service: string,
  { instances: { min, max } }: Pick<ServiceEntry, 'instances'>,
  asked: number,
): RoviError {
  return new RoviError(
    'scale-refused',
    `${service} has ${min === max ? `${min}` : `from ${min} to ${max}`} ${max === 1 ? 'instance' : 'instances'}, not ${asked}`,
    {
      mend: 'Ask for a number within the bounds, or stop the service; an admin changes `instances` in the catalog.',
      context: { service, asked, min, max },
    },
  );
}

/** The refusal to start what systemd would end something else for. */
export function conflicting(service: string, other: string): RoviError {
  return new RoviError('service-conflict', `${service} does not run beside ${other}, which is not at rest`, {
    mend: `Stop ${other} first.`,
    context: { service, conflicts_with: other },
  });
}

/** The refusal while another operation has one of the services in hand. */
export function serviceBusy(operation: Operation, shared: string): RoviError {
  const what = `${operation.kind} of ${operation.service ?? ''}`;
  const where = shared === operation.service ? '' : `, which has ${shared} in hand,`;
  return new RoviError(
    'service-busy',
    `the ${what}${where} is under way since ${operation.started_at}, by ${operation.actor.name}`,
    {
      mend: 'Wait for its end, or stop the service: a stop is never refused for that.',
      context: {
        operation: operation.id,
        service: shared,
        actor: operation.actor,
        since: operation.started_at,
      },
    },
  );
}

/** The refusal of a command that hits more than its target, where nobody has confirmed that. */
export function unconfirmed(impact: Impact): RoviError {
  return new RoviError('confirmation-required', `this ${impact.text}`, {
    mend: 'Look at what it hits, then send it again with `confirm`: the token of that impact.',
    context: { impact },
  });
}

/** The refusal while systemd has not told how these services are. */
export function unknownStates(services: readonly string[]): RoviError {
  const rest = services.length - NAMED;
  const names = [...services.slice(0, NAMED), ...(rest > 0 ? [`${rest} more`] : [])];
  return new RoviError('bus-unavailable', `the state of ${names.join(', ')} is not known`, {
    context: { services },
    mend: "Try again in a moment: the conductor is reading systemd. A stop is still possible with `systemctl stop` as a member of the operators' group.",
  });
}
