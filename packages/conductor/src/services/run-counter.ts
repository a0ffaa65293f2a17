import type { UnitReading } from '../ports/unit-manager.js';
import type { SupervisionRecord } from '../ports/supervision-store.js';

export type RunCounts = Pick<
  SupervisionRecord,
  'crashes' | 'restarts' | 'run' | 'invocation' | 'asked' | 'systemd_restarts'
>;

const NOTHING: RunCounts = {
  crashes: 0,
  restarts: 0,
  run: null,
  invocation: null,
  asked: null,
  systemd_restarts: 0,
};

const up = ['active', 'reloading', 'refreshing'];

/** True while systemd calls the unit up. */
export function isUp({ activeState }: UnitReading): boolean {
  return up.includes(activeState);
}

/** True while the unit waits to be started again by systemd. */
export function isAutoRestart({ subState }: UnitReading): boolean {
  return subState.startsWith('auto-restart');
}

/** True where the last run has ended and nothing is under way, or systemd waits before it begins another. */
export function hasEnded(reading: UnitReading): boolean {
  return (isDown(reading) && reading.job === null) || isAutoRestart(reading);
}

/** True while systemd calls the unit down, also where a job is about to change that. */
export function isDown({ activeState }: UnitReading): boolean {
  return activeState === 'inactive' || activeState === 'failed';
}

/**
 * Counts the ends that nobody asked for and the automatic restarts of one unit. Each run is known by its invocation ID
 * and counted once, whoever counts it; neither number ever goes down. What happened while no gateway looked is known
 * from systemd's own counter, as far as that goes.
 */
export class RunCounter {
  #counts: RunCounts;
  /** systemd's counter while the last run ran. */
  #restartsBefore: number;

  constructor(counts: RunCounts = NOTHING) {
    this.#counts = { ...counts };
    this.#restartsBefore = counts.systemd_restarts;
  }

  /**
   * True where systemd was to start the unit again after its last run, and refused. It counts the restart first. Before
   * each restart that it does make the unit is failed for a moment, too.
   */
  refused(now: UnitReading): boolean {
    const failed = now.activeState === 'failed' && now.job === null;
    return failed && now.invocationId === this.#counts.run && now.nRestarts > this.#restartsBefore;
  }

  get counts(): RunCounts {
    return this.#counts;
  }

  /** Somebody decided about the unit after this run: how it ended is no reason to do anything. */
  settle(invocation: string): void {
    this.#counts = { ...this.#counts, asked: invocation };
  }

  /** The conductor itself starts the unit again. */
  addRestart(): void {
    this.#counts = { ...this.#counts, restarts: this.#counts.restarts + 1 };
  }

  /** Takes in a reading; `before` is the one before it, null where something may have been missed. Tells whether a run began. */
  observe(before: UnitReading | null, now: UnitReading): { readonly started: boolean } {
    const { run, invocation, systemd_restarts: last } = this.#counts;
    const restarts = now.nRestarts >= last ? now.nRestarts - last : now.nRestarts;
    // Each automatic restart follows an end; that of the run seen last may have been counted when it came.
    const counted = run !== null && run === invocation ? 1 : 0;
    let crashes = Math.max(0, restarts - counted);
    if (restarts > 0 && run !== null) this.#account(run);
    // The restart that systemd refused is in its counter too: with it the end before it.
    if (restarts > 0 && before === null && now.activeState === 'failed') this.#account(now.invocationId);
    if (wasAsked(before, now)) {
      this.#account(now.invocationId ?? before?.invocationId ?? null);
      this.#counts = { ...this.#counts, asked: now.invocationId };
    } else if (hasEnded(now) && this.#endedUnasked(before, now)) {
      this.#account(now.invocationId);
      crashes += 1;
    }
    this.#counts = {
      ...this.#counts,
      crashes: this.#counts.crashes + crashes,
      restarts: this.#counts.restarts + restarts,
      run: now.invocationId ?? this.#counts.run,
      systemd_restarts: now.nRestarts,
    };
    const another = now.invocationId !== null && now.invocationId !== run;
    if (another || now.nRestarts < last) this.#restartsBefore = now.nRestarts;
    const started = another && (before !== null || !hasEnded(now));
    return { started };
  }

  #account(invocation: string | null): void {
    if (invocation !== null) this.#counts = { ...this.#counts, invocation };
  }

  #endedUnasked(before: UnitReading | null, now: UnitReading): boolean {
    const { invocation, asked } = this.#counts;
    if (now.invocationId === null || now.invocationId === invocation || now.invocationId === asked)
      return false;
    // A unit found at rest may have been stopped by anyone.
    return now.activeState !== 'inactive' || (before !== null && !hasEnded(before));
  }
}

/** True where this is the end of a run that somebody's job asked for. systemd's own restart comes after the end. */
function wasAsked(before: UnitReading | null, now: UnitReading): boolean {
  if (now.job === null || isAutoRestart(now)) return false;
  if (now.activeState !== 'deactivating' && !isDown(now)) return false;
  if (before === null) return now.activeState === 'deactivating';
  if (isDown(before)) return false;
  if (before.invocationId !== now.invocationId || now.nRestarts > before.nRestarts) return false;
  // A start that fails keeps its job to the end, also while ExecStopPost= runs: it asks for no end.
  const changing = before.activeState === 'activating' || before.activeState === 'deactivating';
  return !changing || before.job?.id !== now.job.id;
}
