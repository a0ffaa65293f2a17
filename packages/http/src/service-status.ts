import { GATEWAY_UNIT, RoviError } from '@rovi/contract';
import type {
  ServiceHealthReport,
  ServiceStatus,
  Snapshot,
  StackState,
  StackStatus,
  UnitStatus,
  VerdictLevel,
} from '@rovi/contract';
import { gatewayNode } from './routes/graph.js';
import type { Usage } from './usage-meter.js';

/** What is known of one unit that can be asked for by name, in the same words for gateway and stacks. */
export interface Service {
  readonly name: string;
  readonly kind: ServiceStatus['kind'];
  readonly unit: string;
  readonly description: string;
  readonly state: StackState;
  readonly level: VerdictLevel;
  readonly text: string;
  readonly failed: boolean;
  /** systemd's own words; null where it was not asked yet. */
  readonly status: UnitStatus | null;
  readonly crashes: number;
  readonly expected: StackStatus['expected'];
  readonly commands: ServiceStatus['commands'];
  readonly asOf: string | null;
}

/** The gateway first, then the stacks in the catalog's order. */
export function servicesOf(snapshot: Snapshot): Service[] {
  return [gatewayService(snapshot), ...snapshot.stacks.map(stackService)];
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
    description,
    state,
    level,
    text,
    failed: state === 'FAILED',
    status: gateway,
    // What is asked here has not ended since it began.
    crashes: 0,
    expected: [],
    commands: [],
    asOf: gateway === null ? null : bus.connected ? at : bus.since,
  };
}

function stackService(stack: StackStatus): Service {
  const { name, description, state, verdict, unit, failure, crashes, expected, as_of: asOf } = stack;
  return {
    name,
    kind: 'stack',
    unit: unit.unit,
    description,
    state,
    ...verdict,
    failed: failure !== null,
    status: unit,
    crashes,
    expected,
    commands: ['start', 'stop', 'restart', 'switch'],
    asOf,
  };
}

/** True where there is something whose use can be measured. */
export function isMeasurable({ state }: Service): boolean {
  return state !== 'STOPPED' && state !== 'FAILED' && state !== 'UNKNOWN';
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
    restarts: status?.restarts ?? 0,
    last_restart: figures.lastRestart ?? automaticRestartOf(service),
    // A stack is started by hand alone (docs/decisions/0001); the gateway is what starts at boot.
    autostart: kind === 'gateway',
    uptime_seconds: runs && since !== null ? secondsBetween(since, figures.now) : null,
    since,
    invocation_id: status?.invocation_id ?? null,
    commands: [...service.commands],
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
  const { state, level, text, asOf } = service;
  const status = (): ServiceStatus['health']['status'] => {
    if (level === 'error' || wordOf(service) === 'crashed') return 'unhealthy';
    if (level === 'stale' || state === 'STARTING') return 'unknown';
    if (state !== 'RUNNING') return 'none';
    return level === 'ok' ? 'healthy' : 'degraded';
  };
  return { status: status(), text, checked_at: asOf };
}

/** The same with what was looked at. What rests has nothing to be well or unwell. */
export function healthReportOf(service: Service, { bus }: Pick<Snapshot, 'bus'>): ServiceHealthReport {
  const { name, kind, state, level, text, expected } = service;
  const unit = state === 'RUNNING' ? true : level === 'error' ? false : null;
  const rests = state === 'STOPPED' || state === 'UNKNOWN';
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
    ],
  };
}

function secondsBetween(from: string, to: string): number {
  return Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}
