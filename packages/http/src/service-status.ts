import { GATEWAY_UNIT, RoviError, serviceUnit } from '@rovi/contract';
import type {
  ServiceHealthReport,
  ServiceStatus,
  Snapshot,
  StackState,
  StackStatus,
  SupervisedService,
  UnitStatus,
  VerdictLevel,
} from '@rovi/contract';
import { gatewayNode } from './gateway-node.js';
import type { Usage } from './usage-meter.js';

/** What is known of what can be asked for by name, in the same words for gateway, stacks and services. */
export interface Service {
  readonly name: string;
  readonly kind: ServiceStatus['kind'];
  /** Of a service with several instances: that of its main one, the first that runs. */
  readonly unit: string;
  /** The runs that use something now. */
  readonly runs: readonly { readonly unit: string; readonly invocation: string | null }[];
  readonly description: string;
  readonly state: StackState;
  readonly level: VerdictLevel;
  readonly text: string;
  readonly failed: boolean;
  /** systemd's own words; null where it was not asked yet. */
  readonly status: UnitStatus | null;
  readonly crashes: number;
  readonly restarts: number;
  /** Whether it is started at boot. */
  readonly autostart: boolean;
  readonly expected: StackStatus['expected'];
  readonly commands: ServiceStatus['commands'];
  /** What is known of a service of the catalog alone; null for gateway and stacks. */
  readonly supervised: SupervisedService | null;
  readonly asOf: string | null;
}

/** The gateway first, then the stacks in the catalog's order, then the services by priority. */
export function servicesOf(snapshot: Snapshot): Service[] {
  return [
    gatewayService(snapshot),
    ...snapshot.stacks.map(stackService),
    ...snapshot.services.map(supervisedService),
  ];
}

/** The service of this name; throws `not-found`. */
export function serviceOf(snapshot: Snapshot, name: string): Service {
  const services = servicesOf(snapshot);
  const found = services.find((one) => one.name === name);
  if (found !== undefined) return found;
  throw new RoviError('not-found', `there is no service "${name}"`, {
    mend: `There are: ${services.map((one) => one.name).join(', ')}.`,
  });
}

function gatewayService(snapshot: Snapshot): Service {
  const { name, description, state, level, text } = gatewayNode(snapshot);
  const { bus, at, gateway } = snapshot;
  return {
    name,
    kind: 'gateway',
    unit: GATEWAY_UNIT,
    runs: runsOf(state, gateway),
    description,
    state,
    level,
    text,
    failed: state === 'FAILED',
    status: gateway,
    // What is asked here has not ended since it began.
    crashes: 0,
    restarts: gateway?.restarts ?? 0,
    autostart: true,
    expected: [],
    commands: [],
    supervised: null,
    asOf: gateway === null ? null : bus.connected ? at : bus.since,
  };
}

function stackService(stack: StackStatus): Service {
  const { name, description, state, verdict, unit, failure, crashes, expected, as_of: asOf } = stack;
  return {
    name,
    kind: 'stack',
    unit: unit.unit,
    runs: runsOf(state, unit),
    description,
    state,
    ...verdict,
    failed: failure !== null,
    status: unit,
    crashes,
    restarts: unit.restarts,
    // A stack is started by hand alone (docs/decisions/0001).
    autostart: false,
    expected,
    commands: ['start', 'stop', 'restart', 'switch'],
    supervised: null,
    asOf,
  };
}

function supervisedService(service: SupervisedService): Service {
  const { name, description, state, level, text, instances, autostart, max, allow } = service;
  const main = instances.find((one) => one.state === 'RUNNING') ?? instances[0];
  const sum = (figure: 'crashes' | 'restarts'): number =>
    instances.reduce((total, one) => total + one[figure], 0);
  return {
    name,
    kind: 'service',
    // One of the system is always shown: its one instance is never left out.
    unit: main?.unit.unit ?? serviceUnit(name, { instances: { min: service.min, max } }),
    runs: instances.flatMap((one) => runsOf(one.state, one.unit)),
    description,
    state,
    level,
    text,
    failed: state === 'FAILED',
    status: main?.unit ?? null,
    crashes: sum('crashes'),
    restarts: sum('restarts'),
    autostart,
    expected: [],
    commands: [...allow, ...(max > 1 ? (['scale', 'rolling-restart'] as const) : [])],
    supervised: service,
    asOf: service.as_of,
  };
}

/** The run whose use can be measured; none where nothing is known to run. */
function runsOf(state: StackState, unit: UnitStatus | null): Service['runs'] {
  if (unit === null || ['STOPPED', 'FAILED', 'MAINTENANCE', 'UNKNOWN'].includes(state)) return [];
  return [{ unit: unit.unit, invocation: unit.invocation_id }];
}

export interface ServiceFigures extends Usage {
  readonly lastRestart: string | null;
  /** RFC 3339. */
  readonly now: string;
}

/** A service as clients of services know it. */
export function serviceStatusOf(service: Service, figures: ServiceFigures): ServiceStatus {
  const { name, kind, unit, description, state, level, text, status } = service;
  const runs = state === 'RUNNING';
  const since = state === 'UNKNOWN' ? null : (status?.since ?? null);
  const { cpu_percent, memory_bytes } = figures;
  return {
    name,
    kind,
    unit,
    description,
    status: wordOf(service),
    state,
    level,
    text,
    health: healthOf(service),
    pid: state === 'UNKNOWN' ? null : (status?.main_pid ?? null),
    cpu_percent,
    memory_bytes,
    memory_mb: memory_bytes === null ? null : Math.round(memory_bytes / 100_000) / 10,
    crash_count: service.crashes,
    restarts: service.restarts,
    last_restart: figures.lastRestart ?? automaticRestartOf(service),
    autostart: service.autostart,
    uptime_seconds: runs && since !== null ? secondsBetween(since, figures.now) : null,
    since,
    invocation_id: status?.invocation_id ?? null,
    commands: [...service.commands],
    service: service.supervised,
    as_of: service.asOf,
  };
}

/** systemd waits between an end and its own restart: that is a crash, though the unit is called activating. */
function wordOf({ state, failed, status }: Service): ServiceStatus['status'] {
  if (state === 'UNKNOWN') return 'unknown';
  if (failed || status?.sub_state === 'auto-restart') return 'crashed';
  switch (state) {
    case 'RUNNING':
      return 'running';
    case 'STARTING':
      return 'starting';
    case 'STOPPING':
      return 'stopping';
    case 'FAILED':
      return 'crashed';
    case 'STOPPED':
    case 'MAINTENANCE':
      return 'stopped';
  }
}

/** The gateway does not see its own restarts: where systemd counted one, the last was when this run began. */
function automaticRestartOf({ kind, state, status }: Service): string | null {
  if (kind !== 'gateway' || state !== 'RUNNING' || status === null) return null;
  return status.restarts > 0 ? status.since : null;
}

/** How well it does what it is for. */
export function healthOf(service: Service): ServiceStatus['health'] {
  const { state, level, text, asOf, supervised } = service;
  const status = (): ServiceStatus['health']['status'] => {
    if (level === 'error' || wordOf(service) === 'crashed') return 'unhealthy';
    if (level === 'stale' || state === 'STARTING' || supervised?.health === 'unknown') return 'unknown';
    if (state !== 'RUNNING') return 'none';
    return level === 'ok' ? 'healthy' : 'degraded';
  };
  return { status: status(), text, checked_at: lastLook(supervised) ?? asOf };
}

/** When a check of the service last looked; null where none did. */
function lastLook(service: SupervisedService | null): string | null {
  const looks = (service?.instances ?? []).flatMap(({ health }) =>
    health.checks.flatMap(({ last }) => (last === null ? [] : [last.at])),
  );
  return looks.sort().at(-1) ?? null;
}

/** The same with what was looked at. What rests has nothing to be well or unwell. */
export function healthReportOf(service: Service, { bus }: Pick<Snapshot, 'bus'>): ServiceHealthReport {
  const { name, kind, state, level, text, expected } = service;
  const unit = state === 'RUNNING' ? true : level === 'error' ? false : null;
  const rests = ['STOPPED', 'MAINTENANCE', 'UNKNOWN'].includes(state);
  return {
    name,
    health: healthOf(service),
    checks: [
      { name: 'unit', ok: unit, text },
      ...(kind === 'gateway' ? [{ name: 'systemd', ok: bus.connected, text: bus.error ?? 'connected' }] : []),
      ...expected.map(({ name: process, present, pid }) => ({
        name: process,
        ok: rests ? null : present,
        text:
          present === null ? 'not known' : present ? `PID ${pid ?? ''}` : rests ? 'not running' : 'missing',
      })),
      ...checksOf(service.supervised),
    ],
  };
}

/** The health checks of each instance, and each instance where there may be several. */
function checksOf(service: SupervisedService | null): ServiceHealthReport['checks'] {
  if (service === null) return [];
  return service.instances.flatMap(({ id, state, text, level, health }) => {
    const several = service.max > 1;
    const prefix = several ? `${String(id)}: ` : '';
    const ok = state === 'RUNNING' ? true : level === 'error' ? false : null;
    return [
      ...(several ? [{ name: `instance ${String(id)}`, ok, text }] : []),
      ...health.checks.map((check) => ({
        name: `${prefix}${check.name}`,
        ok: check.passing,
        text: check.last?.text ?? 'not looked yet',
      })),
    ];
  });
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}
