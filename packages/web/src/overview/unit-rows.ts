import type { ServiceStatus, Snapshot, SupervisedService } from '@rovi/contract';
import { countsOf, isAtRest, runsSince } from '../services/service-facts.js';

/** One row of the table: the state as events tell it, with the figures that were last read. */
export interface UnitRow extends ServiceStatus {
  /** Whether another stack holds the robot, so that this one can only be switched to. */
  readonly held: boolean;
}

/** The rows: figures are up to two seconds old, states are not, so that both halves of the page say the same. */
export function unitRows(
  services: readonly ServiceStatus[],
  { stacks, services: supervised, active }: Pick<Snapshot, 'stacks' | 'services' | 'active'>,
): UnitRow[] {
  const ofCatalog = new Map(supervised.map((one) => [one.name, one]));
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  return services.map((service) => {
    const held = service.kind === 'stack' && active !== null && active !== service.name;
    if (service.kind === 'service') {
      const now = ofCatalog.get(service.name);
      return now === undefined ? { ...service, held } : { ...service, held, ...serviceNow(now, service) };
    }
    const stack = byName.get(service.name);
    if (service.kind !== 'stack' || stack === undefined) return { ...service, held };
    const { state, verdict, unit } = stack;
    const same = unit.invocation_id === service.invocation_id;
    const ended = state === 'STOPPED' || state === 'FAILED' || state === 'UNKNOWN';
    return {
      ...service,
      held,
      state,
      level: verdict.level,
      text: verdict.text,
      since: unit.since,
      pid: unit.main_pid,
      restarts: unit.restarts,
      crash_count: stack.crashes,
      ...(same && !ended ? {} : { cpu_percent: null, memory_bytes: null, uptime_seconds: null }),
    };
  });
}

/** What events tell of a service. Its figures are of the instances that ran when they were read. */
function serviceNow(service: SupervisedService, before: ServiceStatus): Partial<UnitRow> {
  const { state, level, text } = service;
  const { restarts, crashes } = countsOf(service);
  const gone = isAtRest(service)
    ? { pid: null, cpu_percent: null, memory_bytes: null, uptime_seconds: null }
    : {};
  const began = runsSince(service);
  return {
    state,
    level,
    text,
    service,
    restarts,
    crash_count: crashes,
    since: began === null ? before.since : new Date(began).toISOString(),
    ...gone,
  };
}
