import { dependenciesOf, dependentsOf, RoviError } from '@rovi/contract';
import type { Command, ServiceIntent } from '../ports/conductor-api.js';
import type { ServiceObserver } from './service-observer.js';

/** What a command on a service is meant to do. Throws `bad-request` for kinds that services do not have. */
export function intentOf({ kind, service, cascade, instances }: Command): ServiceIntent {
  if (kind === 'stop-all' || kind === 'switch' || service === undefined) {
    throw new RoviError('bad-request', `there is no ${kind} of a service`);
  }
  return {
    kind,
    service,
    ...(cascade === undefined ? {} : { cascade }),
    ...(instances === undefined ? {} : { instances }),
  };
}

/** True where the same is asked for again. */
export function repeats(
  { kind, service, cascade = false, instances }: Command,
  intent: ServiceIntent,
): boolean {
  const same = kind === intent.kind && service === intent.service && instances === intent.instances;
  return same && cascade === (intent.cascade ?? false);
}

/** Every service that such a command may change, rely on, or be refused for: no two of them have one of these in hand at once. */
export function concernedBy({ kind, service }: ServiceIntent, { services }: ServiceObserver): Set<string> {
  const changed = [service, ...(kind === 'start' ? [] : dependentsOf(services, service))];
  const all = new Set(changed.flatMap((name) => [name, ...dependenciesOf(services, name)]));
  const excluding = Object.keys(services).filter((name) =>
    services[name]?.conflicts.some((one) => all.has(one)),
  );
  const excluded = [...all].flatMap((name) => services[name]?.conflicts ?? []);
  return new Set([service, ...all, ...excluding, ...excluded]);
}
