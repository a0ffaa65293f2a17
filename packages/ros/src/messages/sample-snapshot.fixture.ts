import type { Operation, Snapshot, StackStatus, UnitStatus } from '@rovi/contract';

/** A moment from which the samples count. For tests only. */
export const NOON = '2026-03-01T12:00:00.250Z';

/** A unit at rest, changed. */
export const sampleUnit = (unit: string, part: Partial<UnitStatus> = {}): UnitStatus => ({
  unit,
  load_state: 'loaded',
  active_state: 'inactive',
  sub_state: 'dead',
  result: 'success',
  invocation_id: null,
  main_pid: null,
  since: null,
  restarts: 0,
  job: null,
  ...part,
});

/** A stack at rest, changed. */
export const sampleStack = (name: string, part: Partial<StackStatus> = {}): StackStatus => ({
  name,
  description: `The ${name} stack`,
  fixed_frame: null,
  state: 'STOPPED',
  verdict: { level: 'ok', text: 'stopped' },
  unit: sampleUnit(`rovi-${name}.service`),
  expected: [],
  processes: [],
  failure: null,
  crashes: 0,
  as_of: NOON,
  ...part,
});

/** nav runs with one of its two processes missing. */
export const sampleNav = sampleStack('nav', {
  fixed_frame: 'map',
  state: 'RUNNING',
  verdict: { level: 'warn', text: 'running, 1 of 2 processes, planner_server missing' },
  unit: sampleUnit('rovi-nav.service', {
    active_state: 'active',
    sub_state: 'running',
    invocation_id: '0123456789abcdef0123456789abcdef',
    main_pid: 4242,
    since: '2026-03-01T11:58:30.000Z',
  }),
  expected: [
    { name: 'controller_server', present: true, pid: 4250 },
    { name: 'planner_server', present: false, pid: null },
  ],
  processes: [{ pid: 4250, comm: 'controller_serv' }],
});

/** teleop at rest, nav runs. */
export const sampleSnapshot = (part: Partial<Snapshot> = {}): Snapshot => ({
  robot: 'rovi-7',
  boot_id: '0b5e7a52-3f0a-4ad7-8c40-0f5c8f6f9a11',
  seq: 7,
  at: NOON,
  version: '0.1.0',
  bus: { connected: true, since: NOON, error: null },
  gateway: sampleUnit('rovi-gateway.service', {
    active_state: 'active',
    sub_state: 'running',
    main_pid: 300,
    since: '2026-03-01T10:00:00.000Z',
  }),
  active: 'nav',
  known: true,
  stacks: [sampleStack('teleop'), sampleNav],
  services: [],
  external: [],
  maintenance: [],
  operation: null,
  service_operations: [],
  tickets: null,
  faces: [],
  ...part,
});

/** A switch that went well, changed. */
export const sampleOperation = (part: Partial<Operation> = {}): Operation => ({
  id: 'op-1',
  kind: 'switch',
  stack: 'nav',
  service: null,
  from: 'teleop',
  actor: { name: 'ros', face: 'ros', verified: false },
  reason: 'demo',
  outcome: 'succeeded',
  changed: true,
  message: 'switched from teleop to nav',
  problem: null,
  warnings: [],
  steps: [],
  started_at: '2026-03-01T11:58:25.000Z',
  ended_at: '2026-03-01T11:58:30.500Z',
  duration_ms: 5500,
  ...part,
});
