import type { HealthProber, ProbeTarget } from '@rovi/conductor';
import type { ProbeKind, ProbeType } from '@rovi/contract';

/** What one look found; `ok: null` where it could not be looked. */
export type Seen = Awaited<ReturnType<HealthProber['probe']>>;

/** What the catalog says of one kind of probe. */
export type SpecOf<Type extends ProbeType> = Extract<ProbeKind, { readonly type: Type }>;

/** One kind of probe. */
export interface Probe<Type extends ProbeType> {
  readonly type: Type;
  /**
   * One look. Ends soon after the signal aborts, whatever it returns then, and leaves nothing running. What it throws
   * counts as not looked.
   */
  look(spec: SpecOf<Type>, target: ProbeTarget, signal: AbortSignal): Promise<Seen>;
}

export function good(text: string, figures: Seen['figures'] = {}): Seen {
  return { ok: true, text, figures };
}

export function bad(text: string, figures: Seen['figures'] = {}): Seen {
  return { ok: false, text, figures };
}

/** It could not be looked: says nothing about the service. */
export function unseen(text: string): Seen {
  return { ok: null, text, figures: {} };
}
