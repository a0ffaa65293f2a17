import type { ServiceInstance, SupervisedService } from './supervised-service.js';
import type { UnitStatus } from './state.js';

/** A moment from which the samples count. For tests only. */
const NOON = '2026-03-01T12:00:00.250Z';

/** A unit that runs, changed. For tests only. */
function sampleUnit(unit: string, part: Partial<UnitStatus> = {}): UnitStatus {
  return {
    unit,
    load_state: 'loaded',
    active_state: 'active',
    sub_state: 'running',
    result: 'success',
    invocation_id: '0123456789abcdef0123456789abcdef',
    main_pid: 4242,
    since: NOON,
    restarts: 0,
    job: null,
    ...part,
  };
}

/** One instance that runs, changed; `unit` by parts. For tests only. */
export function sampleInstance(
  unit: string,
  {
    unit: unitPart,
    ...part
  }: Partial<Omit<ServiceInstance, 'unit'>> & { readonly unit?: Partial<UnitStatus> } = {},
): ServiceInstance {
  return {
    id: 1,
    unit: sampleUnit(unit, unitPart),
    state: 'RUNNING',
    level: 'ok',
    text: 'running',
    health: { status: 'healthy', text: '', since: NOON, ready: true, checks: [] },
    supervision: {
      phase: 'watching',
      text: '',
      tries: 0,
      tries_max: 3,
      next_at: null,
      starts_left: 5,
      cause: null,
      lines: [],
    },
    processes: [{ pid: 4242, comm: 'server' }],
    ports: [],
    container: null,
    failure: null,
    crashes: 0,
    restarts: 0,
    started_at: NOON,
    ...part,
  };
}

/** A service of one instance that runs, changed. For tests only. */
export function sampleService(name: string, part: Partial<SupervisedService> = {}): SupervisedService {
  return {
    name,
    description: `The ${name} service`,
    category: 'other',
    priority: 50,
    critical: false,
    managed: 'rovi',
    allow: ['start', 'stop', 'restart'],
    autostart: true,
    state: 'RUNNING',
    level: 'ok',
    text: 'running',
    health: 'healthy',
    instances: [sampleInstance(`rovi-${name}.service`)],
    wanted: 1,
    min: 1,
    max: 1,
    requires: [],
    wants: [],
    conflicts: [],
    required_by: [],
    wanted_by: [],
    maintenance: null,
    as_of: NOON,
    ...part,
  };
}
