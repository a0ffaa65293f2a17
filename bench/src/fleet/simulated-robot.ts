import { randomUUID } from 'node:crypto';
import type { Command } from '@rovi/conductor';
import { RoviError } from '@rovi/contract';
import type {
  Impact,
  Operation,
  RoviEvent,
  Snapshot,
  StackState,
  StackStatus,
  SupervisedService,
} from '@rovi/contract';
import type { FleetMemberOptions } from '@rovi/mqtt';
import { monotonicMs } from '../monotonic.js';

/** The stack that changes, and one that changes before it in a burst. */
export const CHANGING = 'nav';
export const BESIDE = 'camera';
const STACKS = ['teleop', 'mapping', 'localization', CHANGING, BESIDE];
const SERVICES = 12;
/** Milliseconds that an operation takes. */
const OPERATION_MS = 50;

const unit = {
  load_state: 'loaded',
  active_state: 'inactive',
  sub_state: 'dead',
  result: 'success',
  invocation_id: null,
  main_pid: null,
  since: null,
  restarts: 0,
  job: null,
};

/** As every robot of a process has them: nothing of theirs changes. */
const services: SupervisedService[] = Array.from({ length: SERVICES }, (_, index) => ({
  name: `service-${String(index + 1)}`,
  description: '',
  category: 'bench',
  priority: index,
  critical: false,
  managed: 'rovi',
  allow: ['start', 'stop', 'restart'],
  autostart: true,
  state: 'RUNNING',
  level: 'ok',
  text: 'running',
  health: 'healthy',
  instances: [],
  wanted: 1,
  min: 1,
  max: 1,
  requires: [],
  wants: [],
  conflicts: [],
  required_by: [],
  wanted_by: [],
  maintenance: null,
  as_of: null,
}));

function stackOf(name: string, state: StackState): StackStatus {
  return {
    name,
    description: '',
    fixed_frame: null,
    state,
    verdict: { level: 'ok', text: state === 'RUNNING' ? 'running' : 'stopped' },
    unit: { ...unit, unit: `rovi-${name}.service` },
    expected: [],
    processes: [],
    failure: null,
    crashes: 0,
    as_of: null,
  };
}

const [resting, running] = (['STOPPED', 'RUNNING'] as const).map(
  (state) => new Map(STACKS.map((name) => [name, stackOf(name, state)])),
);

/**
 * What a fleet's member needs of a conductor, over nothing: five stacks, which change when they are told to, and
 * twelve services. Its member is the real one.
 */
export class SimulatedRobot implements Pick<
  FleetMemberOptions['conductor'],
  keyof FleetMemberOptions['conductor']
> {
  /** Milliseconds from each question about a command to its end; the bench takes them. */
  readonly took: number[] = [];
  readonly #robot: string;
  readonly #bootId = randomUUID();
  readonly #at = new Date().toISOString();
  readonly #operations = new Map<string, Operation>();
  readonly #running = new Set<string>();
  #seq = 0;
  #askedAt: number | null = null;
  #tell: (event: RoviEvent) => void = () => undefined;

  constructor(robot: string) {
    this.#robot = robot;
  }

  snapshot(): Snapshot {
    return {
      robot: this.#robot,
      boot_id: this.#bootId,
      seq: this.#seq,
      at: this.#at,
      version: 'bench',
      bus: { connected: true, since: this.#at, error: null },
      gateway: null,
      active: this.#active,
      known: true,
      stacks: STACKS.flatMap((name) => this.#stack(name)),
      services,
      external: [],
      maintenance: [],
      operation: null,
      service_operations: [],
      tickets: null,
      faces: [],
    };
  }

  subscribe(listener: (event: RoviEvent) => void): () => void {
    this.#tell = listener;
    return () => {
      this.#tell = () => undefined;
    };
  }

  reportFace(): void {
    // Nobody looks at the faces of this robot.
  }

  /** Lets a stack run that does not, or the other way round, and tells so. */
  turn(name: string): void {
    this.change(name, !this.#running.has(name));
  }

  /** Lets a stack run, or not, and tells so. */
  change(name: string, runs: boolean): void {
    if (runs) this.#running.add(name);
    else this.#running.delete(name);
    this.#seq += 1;
    const [stack] = this.#stack(name);
    if (stack === undefined) return;
    const at = new Date().toISOString();
    this.#tell({ type: 'stack', seq: this.#seq, at, stack, active: this.#active, known: true });
  }

  get #active(): string | null {
    return this.#running.has(CHANGING) ? CHANGING : null;
  }

  #stack(name: string): StackStatus[] {
    const stack = (this.#running.has(name) ? running : resting)?.get(name);
    return stack === undefined ? [] : [stack];
  }

  impact(kind: Impact['command'], stack?: string): Impact {
    this.#askedAt = monotonicMs();
    return {
      command: kind,
      stack: stack ?? null,
      service: null,
      at: new Date().toISOString(),
      affects: [],
      waves: [],
      confirm: false,
      beyond: [],
      refusal: null,
      text: `${kind}s ${stack ?? 'all'}`,
      token: 'bench',
    };
  }

  serviceImpact(): Impact {
    throw new RoviError('service-unknown', 'the bench commands no services');
  }

  command({ kind, stack, actor, reason }: Command): { operation: Operation; finished: Promise<Operation> } {
    const asked = this.#askedAt ?? monotonicMs();
    const operation: Operation = {
      id: randomUUID(),
      kind,
      stack: stack ?? null,
      service: null,
      from: null,
      actor,
      reason,
      outcome: 'running',
      changed: true,
      message: '',
      problem: null,
      warnings: [],
      steps: [],
      started_at: new Date().toISOString(),
      ended_at: null,
      duration_ms: null,
    };
    this.#operations.set(operation.id, operation);
    const finished = new Promise<Operation>((resolve) => {
      setTimeout(() => {
        const ended_at = new Date().toISOString();
        const ended: Operation = { ...operation, outcome: 'succeeded', ended_at, duration_ms: OPERATION_MS };
        this.#operations.set(operation.id, ended);
        this.change(CHANGING, kind !== 'stop');
        this.took.push(monotonicMs() - asked);
        resolve(ended);
      }, OPERATION_MS);
    });
    return { operation, finished };
  }

  operation(id: string): Operation | undefined {
    return this.#operations.get(id);
  }
}
