/**
 * A robot in memory, for property tests of the executor: systemd's jobs, the flock and the processes of stacks as
 * pure state on a virtual clock. It follows what tests/ shows of the real thing; it proves nothing about systemd.
 */
import { RoviError } from '@rovi/contract';
import type { Journal } from './ports/journal.js';
import type { StackLock } from './ports/stack-lock.js';
import type {
  JobOutcome,
  ProcessReading,
  UnitManager,
  UnitManagerEvent,
  UnitReading,
} from './ports/unit-manager.js';
import type { VirtualClock } from './virtual-clock.js';

export { RobotWithServices } from './services/robot-with-services.fixture.js';
export { MemoryTicketStore } from './tickets/memory-ticket-store.fixture.js';
export { modelDesk } from './tickets/model-desk.fixture.js';
export { MemoryMarkStore, MemorySupervisionStore, noCatalogFile } from './memory-stores.js';
export { VirtualClock } from './virtual-clock.js';

/** How a stack behaves when it is started next. All that ends by itself after a while does so whole, after {@link LATE_MS}. */
export interface Behaviour {
  readonly start:
    | 'works'
    | 'fails'
    | 'lacks-process'
    | 'crashes-soon'
    | 'crashes-late'
    /** The expected processes end; the launch lives on. */
    | 'loses-process'
    /** They end, and a while later the launch too. */
    | 'goes-down';
  readonly stopMs: number;
}

/** Milliseconds from a stack's start until what ends late does. */
export const LATE_MS = 300;

interface ModelUnit {
  activeState: string;
  result: string;
  status: number;
  run: number;
  processes: ProcessReading[];
  job: { type: 'start' | 'stop'; resolve: (result: JobOutcome['result']) => void } | null;
}

export class RobotModel implements UnitManager, StackLock, Journal {
  readonly clock: VirtualClock;
  /** Every message the conductor sent, in order. */
  readonly sent: { verb: 'start' | 'stop' | 'restart'; unit: string; at: number }[] = [];
  readonly behaviours = new Map<string, Behaviour>();
  /** Units for which systemd finds a mark of maintenance: an assertion of their start fails. */
  readonly marked = new Set<string>();
  readonly #units = new Map<string, ModelUnit>();
  readonly #expected: Readonly<Record<string, readonly string[]>>;
  readonly #lockWaitMs: number;
  #lockedBy: string | null = null;
  #pid = 100;
  #lost = false;
  #tell: (event: UnitManagerEvent) => void = () => undefined;

  constructor(
    clock: VirtualClock,
    expected: Readonly<Record<string, readonly string[]>>,
    lockWaitMs: number,
  ) {
    this.clock = clock;
    this.#expected = expected;
    this.#lockWaitMs = lockWaitMs;
  }

  async start(units: readonly string[], listener: (event: UnitManagerEvent) => void): Promise<void> {
    this.#tell = listener;
    listener({ kind: 'connected' });
    for (const unit of units) {
      this.#units.set(unit, {
        activeState: unit.includes('gateway') ? 'active' : 'inactive',
        result: 'success',
        status: 0,
        run: 0,
        processes: [],
        job: null,
      });
      listener({ kind: 'unit', reading: this.reading(unit) });
      listener({ kind: 'processes', unit, processes: [] });
    }
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  watch(): Promise<void> {
    return Promise.resolve();
  }

  resetFailed(unit: string): Promise<void> {
    const one = this.#get(unit);
    if (one.activeState !== 'failed') return Promise.resolve();
    one.result = 'success';
    this.#change(unit, one, 'inactive');
    return Promise.resolve();
  }

  /** Units with processes in their cgroup. */
  alive(): string[] {
    return [...this.#units].filter(([, { processes }]) => processes.length > 0).map(([unit]) => unit);
  }

  reading(unit: string): UnitReading {
    const one = this.#get(unit);
    return {
      unit,
      loadState: 'loaded',
      activeState: one.activeState,
      subState: one.activeState,
      result: one.result,
      invocationId: one.run === 0 ? null : one.run.toString(16).padStart(32, '0'),
      mainPid: one.processes[0]?.pid ?? null,
      execMainCode: one.result === 'success' ? 0 : one.result === 'signal' ? 2 : 1,
      execMainStatus: one.status,
      stateChangedUs: null,
      stateChangedMonotonicUs: null,
      nRestarts: 0,
      conditionResult: true,
      controlGroup: one.activeState === 'inactive' ? '' : `/${unit}/${one.run}`,
      job: one.job === null ? null : { id: 1, type: one.job.type },
    };
  }

  startUnit(unit: string, options: { signal?: AbortSignal }): Promise<JobOutcome> {
    this.sent.push({ verb: 'start', unit, at: this.clock.monotonic() });
    return this.#waitedFor(unit, this.systemctlStart(unit), options.signal);
  }

  stopUnit(unit: string, options: { signal?: AbortSignal }): Promise<JobOutcome> {
    this.sent.push({ verb: 'stop', unit, at: this.clock.monotonic() });
    return this.#waitedFor(unit, this.systemctlStop(unit), options.signal);
  }

  restartUnit(unit: string, options: { signal?: AbortSignal }): Promise<JobOutcome> {
    this.sent.push({ verb: 'restart', unit, at: this.clock.monotonic() });
    const restarted = this.systemctlStop(unit).then(() => this.systemctlStart(unit));
    return this.#waitedFor(unit, restarted, options.signal);
  }

  /** What anyone may do at any time. */
  systemctlStart(unit: string): Promise<JobOutcome['result']> {
    const one = this.#get(unit);
    return new Promise((resolve) => {
      if (one.activeState === 'active') return resolve('done');
      if (this.marked.has(unit)) return resolve('assert');
      if (one.activeState === 'activating' && one.job?.type === 'start') {
        // A second start is merged into the job that is there.
        const { resolve: first } = one.job;
        one.job = { type: 'start', resolve: (result) => (first(result), resolve(result)) };
        return;
      }
      one.job?.resolve('canceled');
      one.job = { type: 'start', resolve };
      if (one.activeState === 'deactivating') return;
      this.#activate(unit, one);
    });
  }

  systemctlStop(unit: string): Promise<JobOutcome['result']> {
    const one = this.#get(unit);
    return new Promise((resolve) => {
      one.job?.resolve('canceled');
      one.job = null;
      if (one.activeState === 'inactive' || one.activeState === 'failed') return resolve('done');
      one.job = { type: 'stop', resolve };
      if (one.activeState === 'deactivating') return;
      this.#change(unit, one, 'deactivating');
      const { run } = one;
      this.clock.at(this.behaviours.get(unit)?.stopMs ?? 10, () => {
        if (one.run === run && one.activeState === 'deactivating')
          this.#end(unit, one, { state: 'inactive', result: 'success', status: 0 });
      });
    });
  }

  /** The connection to systemd ends; what runs goes on. */
  loseBus(): void {
    this.#lost = true;
    this.#listener({ kind: 'disconnected', error: 'gone' });
  }

  /** The connection is back, and everything is told anew. */
  findBus(): void {
    this.#lost = false;
    this.#listener({ kind: 'connected' });
    for (const [unit, { processes }] of this.#units) {
      this.#listener({ kind: 'unit', reading: this.reading(unit) });
      this.#listener({ kind: 'processes', unit, processes });
    }
  }

  /** Something that is no stack takes the lock. */
  seizeLock(): void {
    this.#lockedBy = 'squatter.service';
  }

  /** The stack's launch is killed: its nodes end, and ExecStopPost= runs, before the unit has failed. */
  crash(unit: string): void {
    const one = this.#get(unit);
    if (one.activeState !== 'active') return;
    const { run } = one;
    this.#change(unit, one, 'deactivating');
    this.clock.at(15, () => {
      if (one.run === run && one.activeState === 'deactivating')
        this.#end(unit, one, { state: 'failed', result: 'signal', status: 9 });
    });
  }

  readUnits(units: readonly string[]): Promise<UnitReading[]> {
    return this.#later(() => units.map((unit) => this.reading(unit)));
  }

  listProcesses(unit: string): Promise<ProcessReading[]> {
    return this.#later(() => [...this.#get(unit).processes]);
  }

  resources(): Promise<{ cpu_seconds: null; memory_bytes: null; source: 'none' }> {
    return Promise.resolve({ cpu_seconds: null, memory_bytes: null, source: 'none' });
  }

  isFree(): Promise<boolean> {
    return this.#later(() => this.#lockedBy === null);
  }

  holders(): Promise<{ pid: number; comm: string; unit: string | null }[]> {
    return this.#later(() =>
      this.#lockedBy === null ? [] : [{ pid: 1, comm: 'ros2', unit: this.#lockedBy }],
    );
  }

  read(): Promise<never[]> {
    return Promise.resolve([]);
  }

  // eslint-disable-next-line @typescript-eslint/require-await, require-yield
  async *backwards(): AsyncGenerator<never> {
    return;
  }

  // eslint-disable-next-line @typescript-eslint/require-await, require-yield
  async *follow(): AsyncGenerator<never> {
    return;
  }

  #activate(unit: string, one: ModelUnit): void {
    one.run += 1;
    const { run } = one;
    const here = (): boolean => one.run === run;
    this.#change(unit, one, 'activating');
    const deadline = this.clock.monotonic() + this.#lockWaitMs;
    const attempt = (): void => {
      if (!here() || one.activeState !== 'activating') return;
      if (this.#lockedBy !== null && this.#lockedBy !== unit) {
        if (this.clock.monotonic() >= deadline)
          return this.#end(unit, one, { state: 'failed', result: 'exit-code', status: 75 });
        return this.clock.at(5, attempt);
      }
      const behaviour = this.behaviours.get(unit)?.start ?? 'works';
      if (behaviour === 'fails')
        return this.#end(unit, one, { state: 'failed', result: 'exit-code', status: 1 });
      this.#lockedBy = unit;
      one.result = 'success';
      this.#change(unit, one, 'active');
      this.#jobDone(one, 'done');
      const names = behaviour === 'lacks-process' ? ['launch'] : ['launch', ...(this.#expected[unit] ?? [])];
      names.forEach((name, index) => {
        this.clock.at(1 + index * 7, () => {
          if (!here() || one.activeState !== 'active') return;
          one.processes = [...one.processes, { pid: (this.#pid += 1), comm: name, names: [name] }];
          this.#listener({ kind: 'processes', unit, processes: one.processes });
        });
      });
      if (behaviour === 'crashes-soon') this.clock.at(5, () => here() && this.crash(unit));
      if (behaviour === 'crashes-late') this.clock.at(LATE_MS, () => here() && this.crash(unit));
      if (behaviour === 'goes-down') this.clock.at(LATE_MS + 100, () => here() && this.crash(unit));
      if (behaviour === 'loses-process' || behaviour === 'goes-down') {
        this.clock.at(LATE_MS, () => {
          if (!here() || one.activeState !== 'active') return;
          one.processes = one.processes.slice(0, 1);
          this.#listener({ kind: 'processes', unit, processes: one.processes });
        });
      }
    };
    this.clock.at(2, attempt);
  }

  #end(unit: string, one: ModelUnit, end: { state: string; result: string; status: number }): void {
    if (this.#lockedBy === unit) this.#lockedBy = null;
    one.processes = [];
    one.result = end.result;
    one.status = end.status;
    const queued = one.job?.type === 'start' && one.activeState === 'deactivating';
    this.#listener({ kind: 'processes', unit, processes: [] });
    if (queued) {
      one.activeState = 'inactive';
      return this.#activate(unit, one);
    }
    const { job } = one;
    one.job = null;
    this.#change(unit, one, end.state);
    job?.resolve(job.type === 'stop' ? 'done' : 'failed');
  }

  #jobDone(one: ModelUnit, result: JobOutcome['result']): void {
    const { job } = one;
    one.job = null;
    job?.resolve(result);
  }

  #listener(event: UnitManagerEvent): void {
    if (!this.#lost || event.kind === 'disconnected') this.#tell(event);
  }

  #change(unit: string, one: ModelUnit, state: string): void {
    one.activeState = state;
    this.#listener({ kind: 'unit', reading: this.reading(unit) });
  }

  async #waitedFor(
    unit: string,
    result: Promise<JobOutcome['result']>,
    signal?: AbortSignal,
  ): Promise<JobOutcome> {
    const aborted = new Promise<never>((_, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    aborted.catch(() => undefined);
    const word = await Promise.race([result, aborted]);
    return { result: word, reading: this.reading(unit) };
  }

  async #later<T>(value: () => T): Promise<T> {
    await this.clock.sleep(1);
    if (this.#lost) throw new RoviError('bus-unavailable', 'no connection to systemd: gone');
    return value();
  }

  #get(unit: string): ModelUnit {
    const one = this.#units.get(unit);
    if (one === undefined) throw new Error(`no unit ${unit}`);
    return one;
  }
}
