import type { Impact, Operation, Snapshot, StackStatus, UnitStatus } from '@rovi/contract';

/** A moment from which the samples count. For tests of views only. */
export const NOON = Date.parse('2026-03-01T12:00:00.000Z');

/** That many seconds before noon. */
export const before = (seconds: number): string => new Date(NOON - seconds * 1000).toISOString();

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
  as_of: before(0),
  ...part,
});

/** nav runs with one of its two processes missing. */
export const sampleNav = sampleStack('nav', {
  state: 'RUNNING',
  verdict: { level: 'warn', text: 'running, 1 of 2 processes, planner_server missing' },
  unit: sampleUnit('rovi-nav.service', {
    active_state: 'active',
    sub_state: 'running',
    invocation_id: '0123456789abcdef0123456789abcdef',
    main_pid: 4242,
    since: before(90),
  }),
  expected: [
    { name: 'controller_server', present: true, pid: 4250 },
    { name: 'planner_server', present: false, pid: null },
  ],
  processes: [{ pid: 4250, comm: 'controller_serv' }],
});

export const sampleSnapshot = (part: Partial<Snapshot> = {}): Snapshot => ({
  robot: 'rovi',
  boot_id: 'b',
  seq: 7,
  at: before(0),
  version: '0.1.0',
  bus: { connected: true, since: before(3600), error: null },
  gateway: sampleUnit('rovi-gateway.service', {
    active_state: 'active',
    sub_state: 'running',
    main_pid: 300,
    since: before(7200),
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

export const sampleOperation: Operation = {
  id: 'op-1',
  kind: 'switch',
  stack: 'nav',
  service: null,
  from: 'teleop',
  actor: { name: 'olga', face: 'cli', verified: false },
  reason: 'demo',
  outcome: 'succeeded',
  changed: true,
  message: 'switched from teleop to nav',
  problem: null,
  warnings: [],
  steps: [{ text: 'stop rovi-teleop.service', started_at: before(95), duration_ms: 1200 }],
  started_at: before(95),
  ended_at: before(90),
  duration_ms: 5000,
};

/** A stop of a unit of the system, with which more ends than Rovi knows of. */
export const sampleUnitImpact: Impact = {
  command: 'stop',
  stack: null,
  service: 'container-runtime',
  at: before(0),
  affects: [
    {
      name: 'container-runtime',
      unit: 'podman.service',
      effect: 'stops',
      state: 'RUNNING',
      level: 'ok',
      text: 'running',
      invocation_id: 'ab',
      since: before(60),
      processes: 1,
    },
  ],
  waves: [{ effect: 'stops', units: ['podman.service'] }],
  confirm: true,
  beyond: ['all containers'],
  refusal: null,
  text: 'stops podman.service (running); affects all containers',
  token: 'x',
};
