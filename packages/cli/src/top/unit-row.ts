import type {
  HealthWord,
  Operation,
  ServiceInstance,
  Snapshot,
  StackState,
  StackStatus,
  SupervisedService,
  UnitStatus,
  VerdictLevel,
} from '@rovi/contract';
import { printable } from '../control-codes.js';
import { commandText } from '../views/operation.js';
import type { HostState, UnitFigures } from './host-state.js';

/** What a row stands for. `host`: a host of which nothing is known yet. */
export type UnitKind = 'gateway' | 'stack' | 'service' | 'host';

/** One line of the table. Texts that others wrote are printable. */
export interface UnitRow {
  /** The same for the same unit, however its row moves. */
  readonly key: string;
  readonly host: string;
  /** As the API takes it; {@link label} is for people. */
  readonly name: string;
  readonly label: string;
  readonly kind: UnitKind;
  readonly state: StackState;
  readonly level: VerdictLevel;
  readonly health: HealthWord;
  /** When its present run began, on this machine's clock; null while it does not run or that is not known. */
  readonly runningSince: number | null;
  /** When it last changed otherwise; null where that is not known. */
  readonly changedAt: number | null;
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  /** When the figures were read, on this machine's clock; null where there are none. */
  readonly figuresAt: number | null;
  /** Null where nobody counts. */
  readonly restarts: number | null;
  /** Why it is so, or what is done with it now. */
  readonly note: string;
  /** A command on it is under way. */
  readonly busy: boolean;
  /** Set while what is shown is not current: when it was last known; 0 where it never was. */
  readonly seenAt: number | null;
  /** Whether it holds the robot. */
  readonly active: boolean;
}

/** The rows of one host: the gateway, the stacks and the services in its own order. */
export function rowsOf(host: HostState): UnitRow[] {
  const snapshot = host.view?.snapshot;
  if (snapshot === undefined) return [placeholder(host)];
  const rows = [
    gatewayRow(snapshot, host),
    ...snapshot.stacks.map((stack) => stackRow(stack, snapshot, host)),
    ...snapshot.services.map((service) => serviceRow(service, snapshot, host)),
  ];
  return host.link.state === 'live' ? rows : rows.map((row) => aged(row, host));
}

/** Of a lost host nothing is current, whatever was known of it. */
function aged(row: UnitRow, { heardAt }: HostState): UnitRow {
  return { ...row, cpuPercent: null, memoryBytes: null, busy: false, seenAt: row.seenAt ?? heardAt ?? 0 };
}

function placeholder({ name, link }: HostState): UnitRow {
  return {
    ...nothing(name, 'host', name),
    note: link.state === 'lost' ? printable(link.problem.message) : 'connecting …',
    level: link.state === 'lost' ? 'error' : 'stale',
    seenAt: link.state === 'lost' ? 0 : null,
  };
}

function nothing(host: string, kind: UnitKind, name: string): UnitRow {
  return {
    key: `${host}/${kind}/${name}`,
    host,
    name,
    label: printable(name),
    kind,
    state: 'UNKNOWN',
    level: 'stale',
    health: 'unknown',
    runningSince: null,
    changedAt: null,
    cpuPercent: null,
    memoryBytes: null,
    figuresAt: null,
    restarts: null,
    note: '',
    busy: false,
    seenAt: null,
    active: false,
  };
}

function gatewayRow(snapshot: Snapshot, host: HostState): UnitRow {
  const { gateway, bus } = snapshot;
  const row = nothing(host.name, 'gateway', 'gateway');
  if (!bus.connected || gateway === null) {
    const note = bus.connected
      ? 'not read yet'
      : `the gateway has lost systemd: ${bus.error ?? 'no reason given'}`;
    return { ...row, note: printable(note), level: 'error' };
  }
  const state = gateway.active_state === 'active' ? 'RUNNING' : 'STARTING';
  return {
    ...row,
    state,
    level: 'ok',
    health: 'none',
    ...figuresOf(host.figures.get('gateway'), gateway),
    ...moments(gateway.since, state, host),
    restarts: gateway.restarts,
    note: `version ${printable(snapshot.version)}`,
  };
}

function stackRow(stack: StackStatus, snapshot: Snapshot, host: HostState): UnitRow {
  const row = nothing(host.name, 'stack', stack.name);
  const known = snapshot.bus.connected && stack.state !== 'UNKNOWN';
  const running = snapshot.operation;
  const mine =
    running !== null &&
    (running.stack === stack.name || running.from === stack.name || running.kind === 'stop-all');
  const facts = {
    active: stack.name === snapshot.active,
    ...words(stack.verdict.text, mine ? running : null),
  };
  if (!known) return { ...row, ...facts, seenAt: momentHere(stack.as_of, host) ?? 0 };
  return {
    ...row,
    ...facts,
    state: stack.state,
    level: stack.verdict.level,
    health: 'none',
    ...figuresOf(host.figures.get(stack.name), stack.unit),
    ...moments(stack.unit.since, stack.state, host),
    restarts: stack.unit.restarts,
  };
}

function serviceRow(service: SupervisedService, snapshot: Snapshot, host: HostState): UnitRow {
  const row = nothing(host.name, 'service', service.name);
  const running = snapshot.service_operations.findLast((one) => one.service === service.name) ?? null;
  const maintained = service.maintenance === null ? '' : ` · maintenance: ${service.maintenance.reason}`;
  const note = words(`${service.text}${service.state === 'MAINTENANCE' ? '' : maintained}`, running);
  if (!snapshot.bus.connected || service.state === 'UNKNOWN') {
    return { ...row, ...note, seenAt: momentHere(service.as_of, host) ?? 0 };
  }
  const started = service.instances.flatMap(({ started_at: at }) => at ?? []).sort()[0] ?? null;
  return {
    ...row,
    ...note,
    state: service.state,
    level: service.level,
    health: service.health,
    ...figuresOf(
      host.figures.get(service.name),
      service.instances.length === 1 ? unitOf(service.instances[0]) : null,
    ),
    ...moments(started ?? unitOf(service.instances[0])?.since ?? null, service.state, host),
    restarts: service.instances.reduce((sum, { restarts }) => sum + restarts, 0),
  };
}

function unitOf(instance: ServiceInstance | undefined): UnitStatus | null {
  return instance?.unit ?? null;
}

/** What is done with it now is more than how it was. */
function words(text: string, running: Operation | null): Pick<UnitRow, 'note' | 'busy'> {
  if (running === null) return { note: printable(text), busy: false };
  const step = running.steps.findLast(({ duration_ms: ms }) => ms === null)?.text;
  const what = `${commandText(running)} by ${running.actor.name}`;
  return { note: printable(step === undefined ? what : `${what}: ${step}`), busy: true };
}

/** Of another run than the present one figures say nothing. `unit` is null where the figures are of several. */
function figuresOf(
  figures: UnitFigures | undefined,
  unit: UnitStatus | null,
): Pick<UnitRow, 'cpuPercent' | 'memoryBytes' | 'figuresAt'> {
  const current = figures !== undefined && (unit === null || figures.run === unit.invocation_id);
  return current
    ? { cpuPercent: figures.cpuPercent, memoryBytes: figures.memoryBytes, figuresAt: figures.readAt }
    : { cpuPercent: null, memoryBytes: null, figuresAt: null };
}

function moments(
  since: string | null,
  state: StackState,
  host: HostState,
): Pick<UnitRow, 'runningSince' | 'changedAt'> {
  const at = momentHere(since, host);
  return state === 'RUNNING' || state === 'STOPPING'
    ? { runningSince: at, changedAt: at }
    : { runningSince: null, changedAt: at };
}

function momentHere(at: string | null, { clockAhead }: HostState): number | null {
  return at === null ? null : Date.parse(at) - clockAhead;
}
