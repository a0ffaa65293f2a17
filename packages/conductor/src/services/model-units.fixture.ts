/**
 * Units of services in memory, with Requires=, Wants=, Conflicts= and After= as systemd 252 carries them out, on a virtual
 * clock. It follows what tests/services shows of the real thing; it proves nothing about it.
 */
import { RoviError, serviceUnit } from '@rovi/contract';
import type { JobOutcome, ProcessReading, UnitManagerEvent, UnitReading } from '../ports/unit-manager.js';
import type { VirtualClock } from '../virtual-clock.js';
import type { Services } from './service-observer.js';

/** How a unit behaves from its next start on. */
export interface ServiceBehaviour {
  readonly start:
    | 'works'
    /** Its start job fails. */
    | 'fails'
    /** It is up, and ends by itself soon after. */
    | 'crashes'
    /** It is up, and never ready. */
    | 'unready';
  readonly startMs: number;
  readonly readyMs: number;
  readonly stopMs: number;
  /** Milliseconds that a process outlives its unit. */
  readonly lingerMs: number;
  /** systemd starts it again after a failure. */
  readonly restarts: boolean;
}

export const works: ServiceBehaviour = {
  start: 'works',
  startMs: 5,
  readyMs: 20,
  stopMs: 10,
  lingerMs: 0,
  restarts: false,
};

export type Result = JobOutcome['result'];

interface Job {
  readonly type: 'start' | 'stop';
  running: boolean;
  readonly told: ((result: Result) => void)[];
}

export interface ModelUnit {
  readonly unit: string;
  readonly service: string;
  readonly id: number;
  readonly requires: readonly string[];
  readonly wants: readonly string[];
  readonly conflicts: readonly string[];
  state: string;
  sub: string;
  result: string;
  status: number;
  run: number;
  since: number;
  processes: ProcessReading[];
  job: Job | null;
}

/** What systemd does with units and jobs, whoever asks. */
export class ModelUnits {
  /** Every unit that began to stop because of a job, in order. */
  readonly ended: string[] = [];
  readonly behaviours = new Map<string, ServiceBehaviour>();
  readonly #clock: VirtualClock;
  readonly #say: (event: UnitManagerEvent) => void;
  readonly #units = new Map<string, ModelUnit>();
  /** Units whose restart has come as far as their end. */
  readonly #restarting = new Set<string>();
  #runs = 0;

  constructor(clock: VirtualClock, services: Services, say: (event: UnitManagerEvent) => void) {
    this.#clock = clock;
    this.#say = say;
    const unitsOf = (names: readonly string[], all: boolean): string[] =>
      names.flatMap((name) => {
        const entry = services[name];
        if (entry === undefined) throw new Error(`no service ${name}`);
        const count = all ? entry.instances.max : entry.instances.min;
        return Array.from({ length: count }, (_, index) => serviceUnit(name, entry, index + 1));
      });
    for (const [service, entry] of Object.entries(services)) {
      for (let id = 1; id <= entry.instances.max; id += 1) {
        const unit = serviceUnit(service, entry, id);
        this.#units.set(unit, {
          unit,
          service,
          id,
          requires: unitsOf(entry.requires, false),
          wants: unitsOf(entry.wants, false),
          conflicts: unitsOf(entry.conflicts, true),
          state: 'inactive',
          sub: 'dead',
          result: 'success',
          status: 0,
          run: 0,
          since: 0,
          processes: [],
          job: null,
        });
      }
    }
  }

  /** Those there are. */
  all(): ModelUnit[] {
    return [...this.#units.values()];
  }

  /** Units with processes in their cgroup. */
  alive(): string[] {
    return [...this.#units.values()].filter(({ processes }) => processes.length > 0).map(({ unit }) => unit);
  }

  /** Units that are up. */
  up(): string[] {
    return [...this.#units.values()].filter(({ state }) => state === 'active').map(({ unit }) => unit);
  }

  isReady(unit: string): boolean {
    const one = this.get(unit);
    const behaviour = this.#behaviour(unit);
    return (
      one.state === 'active' &&
      behaviour.start !== 'unready' &&
      this.#clock.monotonic() >= one.since + behaviour.readyMs
    );
  }

  reading(unit: string): UnitReading {
    const one = this.get(unit);
    return {
      unit,
      loadState: 'loaded',
      activeState: one.state,
      subState: one.sub,
      result: one.result,
      invocationId: one.run === 0 ? null : one.run.toString(16).padStart(32, '0'),
      mainPid: one.processes[0]?.pid ?? null,
      execMainCode: one.result === 'success' ? 0 : 1,
      execMainStatus: one.status,
      stateChangedUs: (this.#clock.now() - this.#clock.monotonic() + one.since) * 1000,
      stateChangedMonotonicUs: one.since * 1000 + one.run,
      nRestarts: 0,
      conditionResult: true,
      controlGroup: one.processes.length === 0 ? '' : `/${unit}/${one.run}`,
      job: one.job === null ? null : { id: 1, type: one.job.type },
    };
  }

  /** What anyone may do at any time. */
  systemctlStart(unit: string): Promise<Result> {
    return new Promise((resolve) => {
      const open = [unit];
      const added = new Set<string>();
      for (let name = open.pop(); name !== undefined; name = open.pop()) {
        if (added.has(name)) continue;
        added.add(name);
        const one = this.get(name);
        open.push(...one.requires, ...one.wants);
        for (const other of this.#units.values()) {
          const against = one.conflicts.includes(other.unit) || other.conflicts.includes(name);
          if (against && other.state !== 'inactive' && other.state !== 'failed')
            void this.systemctlStop(other.unit);
        }
      }
      for (const name of added) this.#queue(name, 'start', name === unit ? resolve : null);
      this.#work();
    });
  }

  systemctlStop(unit: string): Promise<Result> {
    return new Promise((resolve) => {
      const added = this.#withDependents(unit);
      for (const name of added) this.#restarting.delete(name);
      for (const name of added) this.#queue(name, 'stop', name === unit ? resolve : null);
      this.#work();
    });
  }

  /** One job: a stop that comes while the unit ends takes its place. What requires the unit and runs is restarted with it. */
  async systemctlRestart(unit: string): Promise<Result> {
    const ran = [...this.#withDependents(unit)].filter((name) => name === unit || this.up().includes(name));
    const stopped = this.systemctlStop(unit);
    for (const name of ran) this.#restarting.add(name);
    await stopped;
    const again = ran.filter((name) => this.#restarting.delete(name));
    for (const name of again) if (name !== unit) void this.systemctlStart(name);
    return again.includes(unit) ? this.systemctlStart(unit) : 'canceled';
  }

  /** The unit's program ends by itself. */
  crash(unit: string): void {
    const one = this.get(unit);
    if (one.state !== 'active') return;
    this.#fail(one);
  }

  #withDependents(unit: string): Set<string> {
    const all = new Set([unit]);
    for (const name of all) {
      for (const other of this.#units.values()) if (other.requires.includes(name)) all.add(other.unit);
    }
    return all;
  }

  #queue(unit: string, type: Job['type'], told: ((result: Result) => void) | null): void {
    const one = this.get(unit);
    const idle = type === 'start' ? one.state === 'active' : ['inactive', 'failed'].includes(one.state);
    const ears = told === null ? [] : [told];
    if (one.job?.type === type) {
      one.job.told.push(...ears);
      return;
    }
    const replaced = one.job;
    one.job = null;
    for (const each of replaced?.told ?? []) each('canceled');
    if (idle) {
      for (const each of ears) each('done');
      if (replaced !== null) this.#changed(one);
      return;
    }
    one.job = { type, running: false, told: ears };
    this.#changed(one);
  }

  /** Begins every job that waits for nothing any more. */
  #work(): void {
    for (const one of this.#units.values()) {
      const { job } = one;
      if (job === null || job.running) continue;
      if (job.type === 'stop') {
        const before = [...this.#units.values()].some(
          (other) =>
            (other.requires.includes(one.unit) || other.wants.includes(one.unit)) &&
            other.job?.type === 'stop',
        );
        if (!before) this.#beginStop(one, job);
        continue;
      }
      const waits = [...one.requires, ...one.wants].some((name) => this.get(name).job?.type === 'start');
      const opposed = [...this.#units.values()].some(
        (other) =>
          (one.conflicts.includes(other.unit) || other.conflicts.includes(one.unit)) &&
          other.job?.type === 'stop',
      );
      const resting = one.state === 'inactive' || one.state === 'failed';
      if (!waits && !opposed && resting) this.#beginStart(one, job);
    }
  }

  #beginStart(one: ModelUnit, job: Job): void {
    job.running = true;
    one.run = this.#runs += 1;
    const { run } = one;
    this.#set(one, 'activating', { result: 'success' });
    this.#clock.at(this.#behaviour(one.unit).startMs, () => {
      if (one.run !== run || one.state !== 'activating') return;
      const { start } = this.#behaviour(one.unit);
      if (start === 'fails') return this.#fail(one);
      one.processes = [{ pid: 1000 + run, comm: one.service, names: [one.service] }];
      this.#set(one, 'active', {});
      this.#processes(one);
      this.#done(one, 'done');
      if (start === 'crashes') this.#clock.at(30, () => one.run === run && this.crash(one.unit));
    });
  }

  #beginStop(one: ModelUnit, job: Job): void {
    job.running = true;
    this.ended.push(one.unit);
    const { run } = one;
    if (one.sub === 'auto-restart') {
      this.#set(one, 'failed', {});
      return this.#done(one, 'done');
    }
    this.#set(one, 'deactivating', {});
    this.#clock.at(this.#behaviour(one.unit).stopMs, () => {
      if (one.run !== run || one.state !== 'deactivating') return;
      this.#empty(one);
      this.#set(one, 'inactive', { result: 'success' });
      this.#done(one, 'done');
    });
  }

  #fail(one: ModelUnit): void {
    const { restarts } = this.#behaviour(one.unit);
    const { run } = one;
    this.#empty(one);
    this.#set(one, restarts ? 'activating' : 'failed', {
      result: 'exit-code',
      status: 1,
      sub: restarts ? 'auto-restart' : 'failed',
    });
    const dependents = [...this.#units.values()].filter(
      (other) => other.requires.includes(one.unit) && other.job?.type === 'start' && !other.job.running,
    );
    const wasStarting = one.job?.type === 'start';
    this.#done(one, one.job?.type === 'stop' ? 'done' : 'failed');
    if (wasStarting) for (const other of dependents) this.#done(other, 'dependency');
    if (!restarts) return;
    this.#clock.at(100, () => {
      if (one.run !== run || one.sub !== 'auto-restart') return;
      one.state = 'inactive';
      this.#queue(one.unit, 'start', null);
      this.#work();
    });
  }

  #empty(one: ModelUnit): void {
    const { lingerMs } = this.#behaviour(one.unit);
    const left = one.processes;
    const clear = (): void => {
      if (one.processes !== left) return;
      one.processes = [];
      this.#processes(one);
    };
    if (lingerMs === 0) clear();
    else this.#clock.at(lingerMs, clear);
  }

  #done(one: ModelUnit, result: Result): void {
    const { job } = one;
    one.job = null;
    if (job !== null) this.#changed(one);
    for (const each of job?.told ?? []) each(result);
    this.#work();
  }

  #set(one: ModelUnit, state: string, more: { result?: string; status?: number; sub?: string }): void {
    one.state = state;
    one.sub = more.sub ?? state;
    one.result = more.result ?? one.result;
    one.status = more.status ?? one.status;
    one.since = this.#clock.monotonic();
    this.#changed(one);
  }

  #changed({ unit }: ModelUnit): void {
    const reading = this.reading(unit);
    this.#say({ kind: 'unit', reading });
  }

  #processes({ unit, processes }: ModelUnit): void {
    this.#changed(this.get(unit));
    this.#say({ kind: 'processes', unit, processes });
  }

  #behaviour(unit: string): ServiceBehaviour {
    return this.behaviours.get(unit) ?? works;
  }

  get(unit: string): ModelUnit {
    const one = this.#units.get(unit);
    if (one === undefined) throw new RoviError('unit-missing', `no unit ${unit}`);
    return one;
  }
}
