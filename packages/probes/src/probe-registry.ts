import type { HealthProber, ProbeTarget } from '@rovi/conductor';
import type { ProbeKind, ProbeType } from '@rovi/contract';
import type { Probe, Seen, SpecOf } from './probe.js';
import { unseen } from './probe.js';
import { phrase } from './phrase.js';

type Look = (spec: ProbeKind, target: ProbeTarget, signal: AbortSignal) => Promise<Seen>;

/** The kinds of probes that this gateway has, by their type. Others may be added at any time. */
export class ProbeRegistry implements HealthProber {
  readonly #looks = new Map<ProbeType, Look>();

  /** Adds a kind of probe, in place of one of the same type. Returns itself. */
  add<Type extends ProbeType>(probe: Probe<Type>): this {
    this.#looks.set(probe.type, (spec, target, signal) => probe.look(spec as SpecOf<Type>, target, signal));
    return this;
  }

  async probe(kind: ProbeKind, target: ProbeTarget, signal: AbortSignal): Promise<Seen> {
    const look = this.#looks.get(kind.type);
    if (look === undefined) return unseen(`this gateway has no probe of type ${kind.type}`);
    try {
      const seen = await look(kind, target, signal);
      return { ...seen, text: phrase(seen.text) };
    } catch (error) {
      if (signal.aborted) return unseen('the look was ended');
      return unseen(phrase(`the probe failed: ${error instanceof Error ? error.message : String(error)}`));
    }
  }
}
