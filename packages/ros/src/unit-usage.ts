import type { ConductorApi } from '@rovi/conductor';
import type { Snapshot } from '@rovi/contract';
import type { Usage } from './messages/diagnostics.js';

interface Look {
  readonly at: number;
  readonly cpuSeconds: number;
  readonly invocation: string | null;
}

/**
 * How many times what it cost, in milliseconds, a look waits for the next one, and the longest it waits. Where the kernel
 * keeps no account of memory a look goes through the pages of each process: milliseconds, every second.
 */
const SHARE = 1_000;
const LONGEST_MS = 5_000;
/** A timer of a second fires a little early or late. */
const SLACK_MS = 100;

/** What units use, looked at once in a while: systemd does not signal it. Units without a process are not looked at. */
export class UnitUsage {
  readonly #conductor: Pick<ConductorApi, 'resources'>;
  readonly #looks = new Map<string, Look>();
  #figures: ReadonlyMap<string, Usage> = new Map();
  #runs = '';
  #nextAt = 0;

  constructor(conductor: Pick<ConductorApi, 'resources'>) {
    this.#conductor = conductor;
  }

  /** By unit name, as of the last {@link look}. */
  get figures(): ReadonlyMap<string, Usage> {
    return this.#figures;
  }

  /**
   * Looks anew if a unit has started or ended since, or the last look is long enough ago for what it cost. Never rejects:
   * what cannot be had is missing.
   */
  async look(snapshot: Snapshot): Promise<void> {
    const units = snapshot.stacks
      .filter(({ processes, state }) => processes.length > 0 && state !== 'UNKNOWN')
      .map(({ unit }) => unit);
    if (snapshot.gateway !== null) units.push(snapshot.gateway);
    const runs = units.map(({ unit, invocation_id }) => `${unit} ${invocation_id ?? ''}`).join('\n');
    const begin = performance.now();
    if (runs === this.#runs && begin < this.#nextAt) return;
    this.#runs = runs;
    const figures = new Map<string, Usage>();
    await Promise.all(
      units.map(async ({ unit, invocation_id }) => {
        const usage = await this.#conductor.resources(unit).catch(() => null);
        if (usage === null) return;
        figures.set(unit, { ...usage, cpu_percent: this.#percent(unit, invocation_id, usage.cpu_seconds) });
      }),
    );
    for (const unit of this.#looks.keys()) if (!figures.has(unit)) this.#looks.delete(unit);
    this.#figures = figures;
    const now = performance.now();
    this.#nextAt = now + Math.min(LONGEST_MS, SHARE * (now - begin)) - SLACK_MS;
  }

  #percent(unit: string, invocation: string | null, cpuSeconds: number | null): number | null {
    const before = this.#looks.get(unit);
    const at = performance.now();
    if (cpuSeconds === null) return null;
    this.#looks.set(unit, { at, cpuSeconds, invocation });
    // Figures of processes shrink when one of them ends.
    if (before?.invocation !== invocation || cpuSeconds < before.cpuSeconds || at <= before.at) return null;
    return ((cpuSeconds - before.cpuSeconds) / ((at - before.at) / 1000)) * 100;
  }
}
