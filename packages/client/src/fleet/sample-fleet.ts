import type {
  FleetImpact,
  FleetPresence,
  FleetReport,
  FleetRobot,
  FleetRun,
  FleetTarget,
  Impact,
  Operation,
  Problem,
} from '@rovi/contract';

/** The moment of the samples. For tests alone. */
const NOON = '2026-03-01T12:00:00.000Z';

/** A report of a robot that does well, with nav active. */
export const sampleReport = (robot: string, part: Partial<FleetReport> = {}): FleetReport => ({
  v: 1,
  robot,
  boot_id: `boot-of-${robot}`,
  version: '0.1.0',
  at: NOON,
  heartbeat_s: 20,
  kept_s: 2_592_000,
  level: 'ok',
  text: 'nav is running',
  active: 'nav',
  known: true,
  estop: false,
  maintenance: false,
  stacks: [stackOf('nav', part), stackOf('teleop', part)],
  services: [{ name: 'api', state: 'RUNNING', level: 'ok', health: 'healthy' }],
  cut: false,
  commands: true,
  ...part,
});

function stackOf(name: string, { active = 'nav' }: Partial<FleetReport>): FleetReport['stacks'][number] {
  return { name, state: active === name ? 'RUNNING' : 'STOPPED', level: 'ok' };
}

/** A robot that was heard 4 s ago, unless it is away: then 12 min ago. */
export const sampleRobot = (
  robot: string,
  report: Partial<FleetReport> | null = {},
  presence: FleetPresence = 'online',
): FleetRobot => ({
  robot,
  presence,
  reason: presence === 'online' ? '' : presence === 'stale' ? 'no word for 50 s' : 'the connection was lost',
  seen_s: presence === 'online' ? 4 : 720,
  report: report === null ? null : sampleReport(robot, report),
});

/** What a switch from teleop to nav hits. */
export const sampleImpact = (token: string, part: Partial<Impact> = {}): Impact => ({
  command: 'switch',
  stack: 'nav',
  service: null,
  at: NOON,
  affects: [on('teleop', 'stops', 3), on('nav', 'starts', 0)],
  waves: [],
  confirm: true,
  beyond: [],
  refusal: null,
  text: 'stops teleop (running, 3 of 3 processes), then starts nav',
  token,
  ...part,
});

/** A unit that an impact hits. */
export function on(
  name: string,
  effect: 'stops' | 'starts' | 'restarts',
  processes: number,
): Impact['affects'][number] {
  return {
    name,
    unit: `rovi-${name}.service`,
    effect,
    state: effect === 'starts' ? 'STOPPED' : 'RUNNING',
    level: 'ok',
    text: effect === 'starts' ? 'stopped' : 'running',
    invocation_id: null,
    since: null,
    processes,
  };
}

export const sampleProblem = (code: Problem['code'], message: string): Problem => ({
  code,
  message,
  mend: 'Look at the robot.',
  context: {},
});

/** A robot that would do it. */
export const sampleYes = (robot: string, part: Partial<Impact> = {}): FleetImpact => ({
  robot,
  impact: sampleImpact(`token-of-${robot}`, part),
  problem: null,
});

/** A robot that says no, or nothing. */
export const sampleNo = (robot: string, code: Problem['code'], message: string): FleetImpact => ({
  robot,
  impact: null,
  problem: sampleProblem(code, message),
});

export const sampleOperation = (part: Partial<Operation> = {}): Operation => ({
  id: 'op-1',
  kind: 'switch',
  stack: 'nav',
  service: null,
  from: 'teleop',
  actor: { name: 'olga', face: 'mqtt', verified: true },
  reason: '',
  outcome: 'succeeded',
  changed: true,
  message: 'switched from teleop to nav',
  problem: null,
  steps: [],
  warnings: [],
  started_at: NOON,
  ended_at: NOON,
  duration_ms: 1_200,
  ...part,
});

/** A run with these robots. */
export const sampleRun = (
  targets: readonly Partial<FleetTarget>[],
  part: Partial<FleetRun> = {},
): FleetRun => ({
  id: 'run-1',
  command: { kind: 'switch', stack: 'nav' },
  actor: 'olga',
  reason: '',
  started_at: NOON,
  ended_at: null,
  targets: targets.map((target, index) => ({
    robot: `r-${String(index + 1)}`,
    state: 'waiting',
    problem: null,
    operation: null,
    ...target,
  })),
  ...part,
});
