import type { ProbeKind, ProbeResult } from '@rovi/contract';

/** Whose health is looked at, with all that a probe may need of it. */
export interface ProbeTarget {
  readonly service: string;
  readonly instance: number;
  readonly unit: string;
  /** Whether systemd calls the unit active, and what of it is alive; null where that is not known. */
  readonly active: boolean | null;
  readonly processes: readonly { readonly pid: number; readonly names: readonly string[] }[] | null;
  /** Ports by their names, of this instance. */
  readonly ports: Readonly<Record<string, number>>;
  /** The container's name at its engine, and the unit that asks the engine; null where it is no container. */
  readonly container: { readonly name: string; readonly healthUnit: string } | null;
  /** Whether another service, or a stack, is ready; null where that is not known, or there is none of that name. */
  readonly isReady: (name: string) => boolean | null;
}

/** Looks at things. */
export interface HealthProber {
  /**
   * One look. Never rejects, also not for an aborted signal: what went wrong is in the result, with `ok: null` where it
   * could not be looked. Ends soon after the signal aborts, and leaves nothing running then.
   */
  probe(
    kind: ProbeKind,
    target: ProbeTarget,
    signal: AbortSignal,
  ): Promise<Omit<ProbeResult, 'at' | 'duration_ms'>>;
}
