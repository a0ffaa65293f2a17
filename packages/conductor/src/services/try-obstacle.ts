import { dependenciesOf } from '@rovi/contract';
import { maintenanceText } from '../maintenance-refusal.js';
import { isAtRest } from '../stack-status.js';
import { isUp } from './run-counter.js';
import type { ServiceObserver } from './service-observer.js';
import type { MaintenanceView } from './service-parts.js';

/**
 * Why the conductor does not start the service of its own accord now, in words; null where nothing is in the way. It must
 * not start what somebody stopped (systemd would, for what requires it), nor end what somebody started.
 */
export function tryObstacle(
  service: string,
  { observer, maintenance }: { readonly observer: ServiceObserver; readonly maintenance: MaintenanceView },
): string | null {
  const held = maintenance.of(service);
  if (held !== null) return maintenanceText(held);
  const { services } = observer;
  const needed = [...dependenciesOf(services, service, 'requires')].find((name) => !runs(name, observer));
  if (needed !== undefined) return `${needed} does not run, which it requires`;
  const excluding = Object.keys(services).filter((name) => services[name]?.conflicts.includes(service));
  const rival = [...(services[service]?.conflicts ?? []), ...excluding].find((name) =>
    isThere(name, observer),
  );
  return rival === undefined ? null : `${rival} runs, which it conflicts with`;
}

function runs(service: string, observer: ServiceObserver): boolean {
  if (!Object.hasOwn(observer.services, service)) return false;
  const { min } = observer.entry(service).instances;
  return observer
    .instances(service)
    .slice(0, min)
    .every(({ knowledge, fresh }) => fresh && knowledge !== null && isUp(knowledge.reading));
}

function isThere(service: string, observer: ServiceObserver): boolean {
  if (!Object.hasOwn(observer.services, service)) return false;
  return observer
    .instances(service)
    .some(({ knowledge, fresh }) => !fresh || (knowledge !== null && !isAtRest(knowledge)));
}
