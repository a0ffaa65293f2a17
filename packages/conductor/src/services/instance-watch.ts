import type { HealthHistory, InstanceHealth, ServiceEntry } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import type { HealthProber, ProbeTarget } from '../ports/health-prober.js';
import { CheckWatch } from './check-watch.js';
import { firstLookAfter } from './first-look.js';
import type { HealthVerdict } from './health-verdict.js';
import { healthVerdictOf, notRunning } from './health-verdict.js';
import type { LookBudget } from './look-budget.js';
import type { InstanceFacts } from './service-observer.js';

export interface InstanceWatchOptions {
  readonly service: string;
  readonly id: number;
  readonly entry: ServiceEntry;
  readonly clock: Clock;
  readonly budget: LookBudget;
  readonly prober: HealthProber;
  readonly target: () => ProbeTarget;
  /** Called when the health has changed: its word, its readiness, how a check stands, or that one has been looked at. */
  readonly tell: (before: InstanceHealth, now: InstanceHealth) => void;
}

/** The checks of one instance: begun anew with each of its runs, startup checks first. */
export class InstanceWatch {
  readonly #options: InstanceWatchOptions;
  readonly #checks: readonly CheckWatch[];
  /** What it was told last of the run: its invocation, and whether its startup checks have passed. Null while none runs. */
  #run: {
    readonly invocation: string;
    readonly startedAt: number;
    readonly found: boolean;
    up: boolean;
  } | null = null;
  #told: InstanceHealth;
  #since: string | null = null;

  constructor(options: InstanceWatchOptions) {
    this.#options = options;
    const { clock, budget, prober, target, entry } = options;
    this.#checks = entry.health.map(
      (check) =>
        new CheckWatch({
          check,
          clock,
          budget,
          probe: (signal) => prober.probe(check.probe, target(), signal),
          looked: () => this.#looked(),
        }),
    );
    this.#told = this.#healthOf(notRunning);
  }

  /** The checks it was made with. */
  get entry(): ServiceEntry {
    return this.#options.entry;
  }

  get health(): InstanceHealth {
    return this.#healthOf(this.#verdict());
  }

  get history(): HealthHistory['instances'][number]['history'] {
    return this.#checks.map(({ status, history }) => ({ check: status.name, results: history }));
  }

  /** Whether a startup check of the present run counts as failed. */
  get startupFailed(): boolean {
    return this.#checks.some(({ status }) => status.role === 'startup' && status.passing === false);
  }

  /**
   * Takes in what systemd says of the unit. Where the connection is lost the looks go on: they do not ask systemd.
   * `found`: it may have run for long already.
   */
  observe(facts: InstanceFacts, found: boolean): void {
    if (!facts.fresh || facts.knowledge === null) return;
    const { activeState, invocationId } = facts.knowledge.reading;
    if (!isUp(activeState)) return this.end();
    const invocation = invocationId ?? '';
    if (this.#run?.invocation === invocation) return;
    for (const check of this.#checks) check.reset();
    const { clock } = this.#options;
    const age = found ? ageOf(facts, clock) : 0;
    this.#run = { invocation, startedAt: clock.monotonic() - age, found, up: false };
    this.#begin('startup');
    this.#looked();
  }

  /** The run has ended, or is no longer looked at. */
  end(): void {
    if (this.#run === null) return;
    this.#run = null;
    for (const check of this.#checks) check.reset();
    this.#tell();
  }

  #begin(which: 'startup' | 'others'): void {
    const { service, id } = this.#options;
    for (const [index, watch] of this.#checks.entries()) {
      if (this.#run === null || (watch.check.role === 'startup') !== (which === 'startup')) continue;
      const { found, startedAt } = this.#run;
      const interval = watch.check.interval * 1000;
      watch.begin({ first: firstLookAfter(`${service}/${id}/${index}`, { interval, found }), startedAt });
    }
  }

  /** A look has ended: what has come up needs no more startup checks, and its others begin. */
  #looked(): void {
    if (this.#run === null) return;
    const startups = this.#checks.filter(({ check }) => check.role === 'startup');
    for (const watch of startups) if (watch.status.passing === true) watch.end();
    if (!this.#run.up && startups.every(({ status }) => status.passing === true)) {
      this.#run.up = true;
      this.#begin('others');
    }
    this.#tell();
  }

  #tell(): void {
    const verdict = this.#verdict();
    const before = this.#told;
    if (verdict.status !== before.status) {
      const looked = this.#checks.some(({ status }) => status.last !== null);
      this.#since =
        looked || before.since !== null ? new Date(this.#options.clock.now()).toISOString() : null;
    }
    const now = this.#healthOf(verdict);
    if (summary(now) === summary(before)) return;
    this.#told = now;
    this.#options.tell(before, now);
  }

  #verdict(): HealthVerdict {
    return this.#run === null ? notRunning : healthVerdictOf(this.#checks.map(({ status }) => status));
  }

  #healthOf(verdict: HealthVerdict): InstanceHealth {
    return { ...verdict, since: this.#since, checks: this.#checks.map(({ status }) => status) };
  }
}

/** Whether systemd's word means that it runs. */
export function isUp(activeState: string): boolean {
  return activeState === 'active' || activeState === 'reloading' || activeState === 'refreshing';
}

/** What is told when it changes: not the figures of each look. */
function summary({ status, ready, checks }: InstanceHealth): string {
  return JSON.stringify([status, ready, checks.map(({ passing, last }) => [passing, last !== null])]);
}

/** Milliseconds since the unit entered its state. */
function ageOf({ knowledge }: InstanceFacts, clock: Clock): number {
  const since = knowledge?.reading.stateChangedMonotonicUs ?? null;
  return since === null ? 0 : Math.max(0, clock.monotonic() - since / 1000);
}
