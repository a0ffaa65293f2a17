import { RoviError } from '@rovi/contract';
import type { JobOutcome, UnitManager, UnitManagerEvent, UnitReading } from '../ports/unit-manager.js';
import type { VirtualClock } from '../robot-model.js';
import { reading } from '../unit-reading.fixture.js';
import { isAutoRestart } from './run-counter.js';

/** Milliseconds that a stop takes. */
const STOP_MS = 5;

type Verb = 'start' | 'stop' | 'restart' | 'reset';

interface Unit {
  state: UnitReading;
  /** Milliseconds from a start until the program crashes; null where it lives on, 'clean' where it ends well at once. */
  lives: number | null | 'clean';
  restarts: boolean;
  /** When it was started since its limit was reset, monotonic. */
  starts: number[];
  run: number;
  stops: number;
}

export interface ModelledLimits {
  readonly restart: boolean;
  readonly burst: number;
  readonly windowMs: number;
  readonly delayMs: number;
}

/**
 * Services in memory: Restart=, StartLimit= and invocations as systemd 252 has them, on a virtual clock. What the
 * conductor sends is in `sent`; people act through `systemctl…`.
 */
export class SupervisedUnits implements UnitManager {
  readonly sent: { readonly verb: Verb; readonly unit: string; readonly at: number }[] = [];
  /** Units whose start systemd refuses for a mark. */
  readonly marked = new Set<string>();
  /** Ends that nobody asked for. */
  crashes = 0;
  readonly #clock: VirtualClock;
  readonly #limits: ModelledLimits;
  readonly #units = new Map<string, Unit>();
  #listener: (event: UnitManagerEvent) => void = () => undefined;
  #lost = false;
  #invocation = 0;
  #job = 1;

  constructor(clock: VirtualClock, limits: ModelledLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** Also a second gateway's: systemd goes on. */
  start(units: readonly string[], listener: (event: UnitManagerEvent) => void): Promise<void> {
    this.#listener = listener;
    this.#lost = false;
    for (const unit of units) {
      if (this.#units.has(unit)) continue;
      const { restart } = this.#limits;
      this.#units.set(unit, {
        state: reading({ unit }),
        lives: null,
        restarts: restart,
        starts: [],
        run: 0,
        stops: 0,
      });
    }
    listener({ kind: 'connected' });
    for (const unit of this.#units.keys()) this.#tell(unit);
    return Promise.resolve();
  }

  /** The gateway is gone. */
  stop(): Promise<void> {
    this.#listener = () => undefined;
    return Promise.resolve();
  }

  watch(): Promise<void> {
    return Promise.resolve();
  }

  loseBus(): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#listener({ kind: 'disconnected', error: 'gone' });
  }

  findBus(): void {
    if (!this.#lost) return;
    this.#lost = false;
    this.#listener({ kind: 'connected' });
    for (const unit of this.#units.keys()) this.#tell(unit);
  }

  state(unit: string): UnitReading {
    return this.#get(unit).state;
  }

  /** How long its program lives from its next start on. */
  behave(unit: string, lives: Unit['lives']): void {
    this.#get(unit).lives = lives;
  }

  async resetFailed(unit: string): Promise<void> {
    await this.#send('reset', unit);
    this.systemctlReset(unit);
  }

  async startUnit(unit: string): Promise<JobOutcome> {
    await this.#send('start', unit);
    return this.systemctlStart(unit);
  }

  async stopUnit(unit: string): Promise<JobOutcome> {
    await this.#send('stop', unit);
    return this.systemctlStop(unit);
  }

  async restartUnit(unit: string): Promise<JobOutcome> {
    await this.#send('restart', unit);
    return this.systemctlRestart(unit);
  }

  async systemctlRestart(unit: string): Promise<JobOutcome> {
    const one = this.#get(unit);
    const stopped = this.systemctlStop(unit);
    const { stops } = one;
    await stopped;
    // Somebody else's job has taken its place.
    const replaced = one.stops !== stops || one.state.activeState === 'active';
    return replaced ? { result: 'canceled', reading: one.state } : this.systemctlStart(unit);
  }

  systemctlReset(unit: string): void {
    const one = this.#get(unit);
    one.starts = [];
    if (one.state.activeState !== 'failed') return;
    this.#set(unit, { activeState: 'inactive', subState: 'dead', result: 'success', nRestarts: 0 });
  }

  async systemctlStart(unit: string): Promise<JobOutcome> {
    const one = this.#get(unit);
    if (one.state.activeState === 'active') return { result: 'done', reading: one.state };
    if (this.marked.has(unit)) return { result: 'assert', reading: one.state };
    if (one.state.activeState === 'deactivating') {
      const { stops } = one;
      await this.#clock.sleep(STOP_MS + 1);
      // A stop takes the place of a start that waits for the end of the run before.
      if (one.stops !== stops) return { result: 'canceled', reading: one.state };
    }
    const result = this.#begin(unit, 0) ? 'done' : 'failed';
    await this.#clock.sleep(1);
    return { result, reading: one.state };
  }

  async systemctlStop(unit: string): Promise<JobOutcome> {
    const one = this.#get(unit);
    const { run } = one;
    one.stops += 1;
    if (one.state.activeState === 'failed' || one.state.activeState === 'inactive') {
      const id = (this.#job += 1);
      for (const type of ['unknown', 'stop']) this.#set(unit, { job: { id, type } });
      this.#set(unit, { job: null });
    }
    if (one.state.activeState === 'active') {
      this.#set(unit, {
        activeState: 'deactivating',
        subState: 'stop-sigterm',
        job: { id: 1, type: 'stop' },
      });
      await this.#clock.sleep(STOP_MS);
    }
    if (one.run === run && one.state.activeState !== 'failed') {
      one.run += 1;
      this.#set(unit, {
        activeState: 'inactive',
        subState: 'dead',
        job: null,
        mainPid: null,
        controlGroup: '',
      });
    }
    return { result: 'done', reading: one.state };
  }

  /** The program is killed now. */
  crash(unit: string): void {
    const one = this.#get(unit);
    if (one.state.activeState === 'active') this.#end(unit, one);
  }

  readUnits(units: readonly string[]): Promise<UnitReading[]> {
    return Promise.resolve(units.map((unit) => this.state(unit)));
  }

  listProcesses(): Promise<never[]> {
    return Promise.resolve([]);
  }

  resources(): Promise<{ cpu_seconds: null; memory_bytes: null; source: 'none' }> {
    return Promise.resolve({ cpu_seconds: null, memory_bytes: null, source: 'none' });
  }

  #begin(unit: string, nRestarts: number): boolean {
    const one = this.#get(unit);
    const now = this.#clock.monotonic();
    const job = { id: (this.#job += 1), type: 'unknown' };
    one.starts = one.starts.filter((at) => at > now - this.#limits.windowMs);
    if (isAutoRestart(one.state)) this.#set(unit, { nRestarts, job });
    if (one.starts.length >= this.#limits.burst) {
      const { result } = one.state;
      one.run += 1;
      this.#set(unit, { activeState: 'inactive', subState: 'dead', job, nRestarts });
      // What the last run ended with stays, where that was no success.
      const kept = result === 'success' ? 'start-limit-hit' : result;
      this.#set(unit, { activeState: 'failed', subState: 'failed', result: kept });
      this.#set(unit, { job: null });
      return false;
    }
    one.starts.push(now);
    one.run += 1;
    const { run } = one;
    this.#invocation += 1;
    this.#set(unit, {
      activeState: 'inactive',
      subState: 'dead',
      result: 'success',
      invocationId: this.#invocation.toString(16).padStart(32, '0'),
      nRestarts,
      job,
      execMainCode: 0,
      execMainStatus: 0,
    });
    this.#set(unit, { activeState: 'activating', subState: 'start', mainPid: 100 + this.#invocation });
    this.#set(unit, { activeState: 'active', subState: 'running' });
    this.#set(unit, { job: null });
    if (one.lives === 'clean') this.crashes += 1;
    if (one.lives === 'clean') this.#set(unit, { activeState: 'inactive', subState: 'dead', mainPid: null });
    else if (one.lives !== null) {
      this.#clock.at(one.lives, () => {
        if (one.run === run && one.state.activeState === 'active') this.#end(unit, one);
      });
    }
    return true;
  }

  #end(unit: string, one: Unit): void {
    this.crashes += 1;
    one.run += 1;
    const { run } = one;
    const cause = { result: 'exit-code', execMainCode: 1, execMainStatus: 1, mainPid: null };
    this.#set(unit, { ...cause, activeState: 'failed', subState: 'failed' });
    if (!one.restarts) return;
    this.#set(unit, { activeState: 'activating', subState: 'auto-restart' });
    const restarts = one.state.nRestarts + 1;
    this.#clock.at(this.#limits.delayMs, () => {
      if (one.run === run) this.#begin(unit, restarts);
    });
  }

  /** A message takes a moment, in which anything may happen; without a bus it does not arrive. */
  async #send(verb: Verb, unit: string): Promise<void> {
    if (this.#lost) throw new RoviError('bus-unavailable', 'no connection to systemd: gone');
    this.sent.push({ verb, unit, at: this.#clock.monotonic() });
    await Promise.resolve();
  }

  #set(unit: string, change: Partial<UnitReading>): void {
    const one = this.#get(unit);
    one.state = { ...one.state, ...change };
    this.#tell(unit);
  }

  #tell(unit: string): void {
    if (!this.#lost) this.#listener({ kind: 'unit', reading: this.#get(unit).state });
  }

  #get(unit: string): Unit {
    const one = this.#units.get(unit);
    if (one === undefined) throw new Error(`no unit ${unit}`);
    return one;
  }
}
