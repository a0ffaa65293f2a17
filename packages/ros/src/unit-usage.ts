import type { ConductorApi } from '@rovi/conductor';
import type { Snapshot } from '@rovi/contract';
import type { Usage } from './messages/diagnostics.js';

interface Look {
  readonly at: number;
  readonly cpuSeconds: number;
  readonly invocation: string | null;
}

/** What units use, looked at once in a while: systemd does not signal it. Units without a process are not looked at. */
export class UnitUsage {
  readonly #conductor: Pick<ConductorApi, 'resources'>;
  readonly #looks = new Map<string, Look>();
  #figures: ReadonlyMap<string, Usage> = new Map();

  constructor(conductor: Pick<ConductorApi, 'resources'>) {
    this.#conductor = conductor;
  }

  /** By unit name, as of the last {@link look}. */
  get figures(): ReadonlyMap<string, Usage> {
    return this.#figures;
  }

  /** Looks anew. Never rejects: what cannot be had is missing. */
  async look(snapshot: Snapshot): Promise<void> {
    const units = snapshot.stacks
      .filter(({ processes, state }) => processes.length > 0 && state !== 'UNKNOWN')
      .map(({ unit }) => unit);
    if (snapshot.gateway !== null) units.push(snapshot.gateway);
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
