import type { ServiceStatus, StackStatus } from '@rovi/contract';

/** One row of the table: the state as events tell it, with the figures that were last read. */
export interface UnitRow extends ServiceStatus {
  /** Whether another stack holds the robot, so that this one can only be switched to. */
  readonly held: boolean;
}

/** The rows: figures are up to two seconds old, states are not, so that both halves of the page say the same. */
export function unitRows(
  services: readonly ServiceStatus[],
  stacks: readonly StackStatus[],
  active: string | null,
): UnitRow[] {
  const byName = new Map(stacks.map((stack) => [stack.name, stack]));
  return services.map((service) => {
    const held = service.kind === 'stack' && active !== null && active !== service.name;
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
