import type {
  InstanceHealth,
  Maintenance,
  ServiceEntry,
  ServiceInstance,
  StackState,
  SupervisedService,
  VerdictLevel,
} from '@rovi/contract';
import { containerName, externalVerbs, instancePort } from '@rovi/contract';
import { exitCauseOf } from '../exit-cause.js';
import { maintenanceText } from '../maintenance-refusal.js';
import { isAtRest, stackStateOf, unaskedEndOf, unitStatusOf } from '../stack-status.js';
import type { InstanceFacts, ServiceObserver } from './service-observer.js';
import type { HealthView, MaintenanceView, ScaleView, SupervisionView } from './service-parts.js';

/** All that a service's status is made of. */
export interface StatusSources {
  readonly observer: ServiceObserver;
  readonly health: HealthView;
  readonly supervision: SupervisionView;
  readonly maintenance: MaintenanceView;
  readonly scale: ScaleView;
  /** RFC 3339: when what is fresh was confirmed, and since when nothing is. */
  readonly now: string;
  readonly lostSince: string;
}

/** Everything a face shows of one service. Throws `service-unknown`. */
export function supervisedServiceOf(name: string, sources: StatusSources): SupervisedService {
  const { observer, maintenance, scale } = sources;
  const entry = observer.entry(name);
  const wanted = scale.wanted(name);
  const instances = observer
    .instances(name)
    .map((facts) => instanceOf(facts, entry, sources))
    .filter(({ id, state }) => id <= entry.instances.min || !['STOPPED', 'MAINTENANCE'].includes(state));
  const all = observer.instances(name);
  const stale = all.some(({ fresh }) => !fresh);
  const unasked = all.every(({ knowledge }) => knowledge === null);
  return {
    name,
    description: entry.description,
    category: entry.category,
    priority: entry.priority,
    critical: entry.critical,
    managed: entry.external === undefined ? 'rovi' : 'system',
    allow: [...(entry.external?.allow ?? externalVerbs)],
    autostart: entry.autostart,
    ...sumOf(instances, wanted, stale && !unasked),
    instances,
    wanted,
    min: entry.instances.min,
    max: entry.instances.max,
    requires: entry.requires,
    wants: entry.wants,
    conflicts: entry.conflicts,
    required_by: observer.requiredBy(name),
    wanted_by: observer.wantedBy(name),
    maintenance: maintenance.of(name),
    as_of: unasked ? null : stale ? sources.lostSince : sources.now,
  };
}

function instanceOf(facts: InstanceFacts, entry: ServiceEntry, sources: StatusSources): ServiceInstance {
  const { service, id, unit, knowledge, fresh } = facts;
  const health = sources.health.health(service, id);
  const supervised = sources.supervision.supervision(service, id);
  const status = unitStatusOf(unit, knowledge?.reading ?? null);
  const shown = shownOf(facts, {
    health,
    supervised,
    maintenance: sources.maintenance.of(service),
    external: entry.external !== undefined,
  });
  const runs = knowledge !== null && !isAtRest(knowledge);
  return {
    id,
    unit: status,
    ...shown,
    health,
    supervision: supervised.supervision,
    processes: (knowledge?.processes ?? [])
      .map(({ pid, comm }) => ({ pid, comm }))
      .sort((a, b) => a.pid - b.pid),
    ports: entry.ports.map((port) => instancePort(port, id)),
    container: entry.container === undefined ? null : containerName(service, entry, id),
    failure: knowledge === null ? null : unaskedEndOf(knowledge),
    crashes: supervised.crashes,
    restarts: supervised.restarts,
    started_at: fresh && runs && status.active_state === 'active' ? status.since : null,
  };
}

interface Shown {
  readonly state: StackState;
  readonly level: VerdictLevel;
  readonly text: string;
}

function shownOf(
  { knowledge, fresh }: InstanceFacts,
  facts: {
    readonly health: InstanceHealth;
    readonly supervised: ReturnType<SupervisionView['supervision']>;
    readonly maintenance: Maintenance | null;
    /** Whether others than Rovi made the unit. */
    readonly external: boolean;
  },
): Shown {
  const { health, supervised, maintenance } = facts;
  if (knowledge === null)
    return { state: 'UNKNOWN', level: 'stale', text: 'unknown: systemd has not been asked yet' };
  const state = stackStateOf(knowledge);
  if (!fresh) {
    const last = state.toLowerCase();
    return { state: 'UNKNOWN', level: 'stale', text: `unknown: no connection to systemd, last seen ${last}` };
  }
  const { loadState, subState } = knowledge.reading;
  const { phase, text: why } = supervised.supervision;
  const rests = isAtRest(knowledge);
  if (loadState !== 'loaded' && rests) {
    return {
      // A unit that others were to bring is not stopped: there is none.
      state: facts.external ? 'UNKNOWN' : state,
      level: 'error',
      text: loadState === 'not-found' ? 'not installed' : `unit is ${loadState}`,
    };
  }
  if (rests && phase !== 'watching') return { state: 'FAILED', level: 'error', text: why };
  const alive = knowledge.processes?.length ?? 0;
  switch (state) {
    case 'RUNNING':
      return runningOf(health);
    case 'STARTING':
      return subState === 'auto-restart'
        ? { state, level: 'error', text: `${exitCauseOf(knowledge.reading).text}; systemd restarts it` }
        : { state, level: 'warn', text: 'starting' };
    case 'STOPPING':
      if (knowledge.reading.activeState !== 'inactive') {
        return { state, level: 'warn', text: alive === 0 ? 'stopping' : `stopping, ${counted(alive)} left` };
      }
      return alive === 0
        ? { state, level: 'stale', text: 'unit inactive, processes not read yet' }
        : { state, level: 'error', text: `unit inactive, but ${counted(alive)} still alive` };
    case 'FAILED':
      return {
        state,
        level: 'error',
        text: `failed: ${exitCauseOf(knowledge.reading).text}${alive === 0 ? '' : `; ${counted(alive)} still alive`}`,
      };
    case 'STOPPED':
      if (maintenance !== null) {
        return { state: 'MAINTENANCE', level: 'ok', text: maintenanceText(maintenance) };
      }
      return knowledge.unbidden
        ? { state, level: 'warn', text: `ended by itself: ${exitCauseOf(knowledge.reading).text}` }
        : { state, level: 'ok', text: 'stopped' };
    case 'MAINTENANCE':
    case 'UNKNOWN':
      return { state, level: 'stale', text: `unknown: systemd says ${knowledge.reading.activeState}` };
  }
}

function counted(count: number): string {
  return count === 1 ? '1 process' : `${count} processes`;
}

function runningOf({ status, text }: InstanceHealth): Shown {
  switch (status) {
    case 'unhealthy':
      return { state: 'RUNNING', level: 'error', text: `running, unhealthy: ${text}` };
    case 'degraded':
      return { state: 'RUNNING', level: 'warn', text: `running, not ready: ${text}` };
    case 'starting':
      return { state: 'STARTING', level: 'warn', text };
    case 'unknown':
      return { state: 'RUNNING', level: 'warn', text: `running, health not known: ${text}` };
    case 'healthy':
      return { state: 'RUNNING', level: 'ok', text: 'running, healthy' };
    case 'none':
      return { state: 'RUNNING', level: 'ok', text: 'running' };
  }
}

const worst: readonly VerdictLevel[] = ['ok', 'warn', 'stale', 'error'];

/** Which state stands for several: what is not known, then what has failed, then what is in transition. */
const weight: readonly StackState[] = [
  'RUNNING',
  'STOPPED',
  'MAINTENANCE',
  'STARTING',
  'STOPPING',
  'FAILED',
  'UNKNOWN',
];

const healthWeight = ['none', 'healthy', 'starting', 'unknown', 'degraded', 'unhealthy'] as const;

function sumOf(
  instances: readonly ServiceInstance[],
  wanted: number,
  lost: boolean,
): Shown & Pick<SupervisedService, 'health'> {
  const health = instances
    .map((one) => one.health.status)
    .reduce((a, b) => (healthWeight.indexOf(b) > healthWeight.indexOf(a) ? b : a), 'none' as const);
  const [first] = instances;
  if (first !== undefined && instances.length === 1 && wanted <= 1) {
    return { state: first.state, level: first.level, text: first.text, health };
  }
  const up = instances.filter(({ state }) => state === 'RUNNING');
  if (lost && up.length === 0) {
    const last = instances.filter(({ unit }) => unit.active_state === 'active').length;
    const text = `unknown: no connection to systemd, last seen ${last} of ${Math.max(wanted, last)} instances running`;
    return { state: 'UNKNOWN', level: 'stale', text, health };
  }
  const meant = instances.filter(({ state, id }) => up.length === 0 || state !== 'STOPPED' || id <= wanted);
  const shown = meant.length === 0 ? instances : meant;
  const state = shown
    .map((one) => one.state)
    .reduce((a, b) => (weight.indexOf(b) > weight.indexOf(a) ? b : a), shown[0]?.state ?? 'UNKNOWN');
  const level = shown
    .map((one) => one.level)
    .reduce((a, b) => (worst.indexOf(b) > worst.indexOf(a) ? b : a), 'ok' as VerdictLevel);
  const bad = shown.find((one) => one.level === level && level !== 'ok');
  const text =
    up.length === 0 && level === 'ok'
      ? (shown[0]?.text ?? 'stopped')
      : `${up.length} of ${Math.max(wanted, up.length)} instances running${bad === undefined ? '' : `; instance ${bad.id} ${bad.text}`}`;
  const missing = up.length > 0 && up.length < wanted && level === 'ok';
  return {
    state: up.length > 0 && state !== 'UNKNOWN' ? 'RUNNING' : state,
    level: missing ? 'warn' : level,
    text,
    health,
  };
}
