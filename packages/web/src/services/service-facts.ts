import { isCriticalDown } from '@rovi/contract';
import type { ServiceInstance, SupervisedService } from '@rovi/contract';

/** Services of one category. */
export interface ServiceGroup {
  readonly category: string;
  readonly services: readonly SupervisedService[];
}

/** The services by category, in the order of the first of each: the snapshot has them by priority. */
export function groupsOf(services: readonly SupervisedService[]): ServiceGroup[] {
  const groups = new Map<string, SupervisedService[]>();
  for (const service of services) {
    const group = groups.get(service.category);
    if (group === undefined) groups.set(service.category, [service]);
    else group.push(service);
  }
  return [...groups].map(([category, members]) => ({ category, services: members }));
}

/** How many instances run, and how many are meant to: `2 of 3`. Empty where there is never more than one. */
export function instancesText({ instances, wanted, max }: SupervisedService): string {
  if (max === 1) return '';
  return `${instances.filter(({ state }) => state === 'RUNNING').length} of ${wanted}`;
}

/** Restarts and crashes of all instances. */
export function countsOf({ instances }: SupervisedService): {
  readonly restarts: number;
  readonly crashes: number;
} {
  return {
    restarts: instances.reduce((sum, one) => sum + one.restarts, 0),
    crashes: instances.reduce((sum, one) => sum + one.crashes, 0),
  };
}

/** When the present run of its oldest instance began, in milliseconds since the epoch; null while none runs. */
export function runsSince({ instances }: SupervisedService): number | null {
  const begins = instances.flatMap(({ started_at: at }) => (at === null ? [] : [Date.parse(at)]));
  return begins.length === 0 ? null : Math.min(...begins);
}

const rest: ReadonlySet<string> = new Set(['STOPPED', 'FAILED', 'MAINTENANCE']);

/** Whether no instance is at anything: it can be started, and there is nothing to stop. A wait for a next try is something. */
export function isAtRest({ instances }: SupervisedService): boolean {
  return instances.every(({ state, supervision: { phase } }) => rest.has(state) && !isWaiting(phase));
}

/** Whether there is a unit to command: one of the system may not be installed on this robot. */
export function isInstalled({ managed, instances }: SupervisedService): boolean {
  return (
    managed === 'rovi' ||
    !instances.some(
      ({ unit, state }) => state === 'UNKNOWN' && !['loaded', 'unknown'].includes(unit.load_state),
    )
  );
}

/** Whose unit it is, and what operators may do to it; empty for what Rovi made. */
export function systemText({ managed, allow, instances }: SupervisedService): string {
  if (managed === 'rovi') return '';
  const may = allow.length === 0 ? 'only watch it' : `${listed(allow)} it`;
  return `A unit of the system, ${instances[0]?.unit.unit ?? ''}: operators may ${may}.`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

function isWaiting(phase: ServiceInstance['supervision']['phase']): boolean {
  return phase === 'cooldown' || phase === 'backoff';
}

/** Critical services that are down: the robot is not well. */
export function criticalDown(services: readonly SupervisedService[]): SupervisedService[] {
  return services.filter(isCriticalDown);
}

/** Milliseconds of silence after which what an external service said of itself counts as old. */
export const EXTERNAL_OLD_MS = 60_000;
