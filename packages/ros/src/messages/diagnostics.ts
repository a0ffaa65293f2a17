import type {
  Maintenance,
  Resources,
  Snapshot,
  StackStatus,
  SupervisedService,
  UnitStatus,
  VerdictLevel,
} from '@rovi/contract';
import { isCriticalDown } from '@rovi/contract';
import { GATEWAY } from '../face-spec.js';
import type { Stamp } from './stamp.js';

/** `diagnostic_msgs/msg/DiagnosticStatus`. */
export interface DiagnosticStatus {
  readonly level: number;
  readonly name: string;
  readonly message: string;
  readonly hardware_id: string;
  readonly values: readonly { readonly key: string; readonly value: string }[];
}

/** `diagnostic_msgs/msg/DiagnosticArray`. */
export interface DiagnosticArray {
  readonly header: { readonly stamp: Stamp; readonly frame_id: string };
  readonly status: readonly DiagnosticStatus[];
}

/** What a unit uses, and the CPU share since the look before (percent of one core); null where not known. */
export interface Usage extends Resources {
  readonly cpu_percent: number | null;
}

/** DiagnosticStatus.OK, WARN, ERROR, STALE. */
const levels: Readonly<Record<VerdictLevel, number>> = { ok: 0, warn: 1, error: 2, stale: 3 };

/**
 * All units in one array: gateway first, then the stacks in the catalog's order, then the services by priority, each with
 * all its instances in one entry. `usage` by unit name.
 */
export function diagnosticsOf(
  snapshot: Snapshot,
  usage: ReadonlyMap<string, Usage>,
  stamp: Stamp,
): DiagnosticArray {
  const gateway = gatewayStatus(snapshot, usage);
  const stacks = snapshot.stacks.map((stack) => stackDiagnostic(stack, snapshot, usage));
  const services = snapshot.services.map((service) => serviceDiagnostic(service, snapshot.robot));
  return { header: { stamp, frame_id: '' }, status: [gateway, ...stacks, ...services] };
}

function stackDiagnostic(
  stack: StackStatus,
  { robot, maintenance }: Pick<Snapshot, 'robot' | 'maintenance'>,
  usage: ReadonlyMap<string, Usage>,
): DiagnosticStatus {
  const { name, state, verdict, unit, expected, crashes, failure } = stack;
  const maintained =
    maintenance.find(({ target }) => target === name) ??
    maintenance.find(({ target }) => target === null) ??
    null;
  return {
    level: levels[verdict.level],
    name: `rovi: ${name}`,
    message: messageOf(state, verdict.text, maintained),
    hardware_id: robot,
    values: [
      pair('State', state),
      ...maintenancePairs(maintained),
      ...unitPairs(unit, usage.get(unit.unit)),
      pair('Crashes', String(crashes)),
      ...(failure === null ? [] : [pair('Failure', failure.text)]),
      ...expected.map((process) =>
        pair(
          `Process ${process.name}`,
          process.present === null
            ? 'unknown'
            : process.present
              ? `running (PID ${process.pid ?? '?'})`
              : 'missing',
        ),
      ),
    ],
  };
}

function serviceDiagnostic(service: SupervisedService, robot: string): DiagnosticStatus {
  const { name, state, level, text, health, wanted, instances, maintenance, managed, allow } = service;
  const running = instances.filter((one) => one.state === 'RUNNING').length;
  return {
    // A robot without a critical one is not well, though it was stopped in good order.
    level: isCriticalDown(service) ? levels.error : levels[level],
    name: `rovi: ${name}`,
    message: messageOf(state, text, maintenance),
    hardware_id: robot,
    values: [
      pair('State', state),
      pair('Health', health),
      pair('Instances', `${running} of ${wanted}`),
      pair('Restarts', sum(instances.map(({ restarts }) => restarts))),
      pair('Crashes', sum(instances.map(({ crashes }) => crashes))),
      ...(managed === 'system'
        ? [pair('Managed', 'by the system'), pair('Operators may', allow.join(', ') || 'nothing')]
        : []),
      ...maintenancePairs(maintenance),
      ...instances.flatMap((one) => {
        const which = instances.length > 1 ? ` ${one.id}` : '';
        return [
          ...(instances.length > 1 ? [pair(`Instance${which}`, `${one.state}: ${one.text}`)] : []),
          ...(one.failure === null ? [] : [pair(`Failure${which}`, one.failure.text)]),
          ...(one.supervision.phase === 'watching'
            ? []
            : [pair(`Supervision${which}`, one.supervision.text)]),
          ...one.health.checks.map(({ name: check, passing, last }) =>
            pair(`Check ${check}${which}`, `${checkWord(passing)}${last === null ? '' : `: ${last.text}`}`),
          ),
        ];
      }),
    ],
  };
}

function checkWord(passing: boolean | null): string {
  return passing === null ? 'unknown' : passing ? 'passing' : 'failing';
}

function sum(counts: readonly number[]): string {
  return String(counts.reduce((total, count) => total + count, 0));
}

/** A maintenance says why nothing starts: it is in the one line that every tool shows. */
function messageOf(state: string, text: string, maintenance: Maintenance | null): string {
  // One at rest says it of itself.
  return maintenance === null || state === 'MAINTENANCE'
    ? `${state}: ${text}`
    : `${state}: ${text}; in maintenance: ${maintenance.reason}`;
}

function maintenancePairs(maintenance: Maintenance | null): DiagnosticStatus['values'] {
  if (maintenance === null) return [];
  const { reason, actor, until } = maintenance;
  return [
    pair(
      'Maintenance',
      `${reason}, by ${actor.name}, ${until === null ? 'until it is ended' : `until ${until}`}`,
    ),
  ];
}

function gatewayStatus(snapshot: Snapshot, usage: ReadonlyMap<string, Usage>): DiagnosticStatus {
  const { gateway, bus, robot } = snapshot;
  const level: VerdictLevel =
    !bus.connected || gateway === null ? 'stale' : gateway.active_state === 'active' ? 'ok' : 'warn';
  return {
    level: levels[level],
    name: `rovi: ${GATEWAY}`,
    message: bus.connected
      ? gateway === null
        ? 'state of the unit not known'
        : `${gateway.active_state} (${gateway.sub_state})`
      : `no connection to systemd: ${bus.error ?? 'unknown cause'}`,
    hardware_id: robot,
    values: gateway === null ? [] : unitPairs(gateway, usage.get(gateway.unit)),
  };
}

function unitPairs(unit: UnitStatus, usage: Usage | undefined): DiagnosticStatus['values'] {
  return [
    pair('Unit', unit.unit),
    pair('ActiveState', unit.active_state),
    pair('SubState', unit.sub_state),
    pair('Result', unit.result),
    pair('InvocationID', unit.invocation_id ?? ''),
    pair('MainPID', unit.main_pid === null ? '' : String(unit.main_pid)),
    pair('Since', unit.since ?? ''),
    pair('Restarts', String(unit.restarts)),
    pair('CPU %', usage?.cpu_percent == null ? '' : usage.cpu_percent.toFixed(1)),
    pair('CPU s', usage?.cpu_seconds == null ? '' : usage.cpu_seconds.toFixed(3)),
    pair('Memory bytes', usage?.memory_bytes == null ? '' : String(Math.round(usage.memory_bytes))),
  ];
}

function pair(key: string, value: string): { key: string; value: string } {
  return { key, value };
}
