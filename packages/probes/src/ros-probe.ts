import type { RosControl, RosProbe as Question } from '@rovi/conductor';
import type { ProbeTarget } from '@rovi/conductor';
import type { Probe, Seen, SpecOf } from './probe.js';
import { bad, good, unseen } from './probe.js';

/** Milliseconds that a topic is listened to at least, and at most. */
const WINDOW_MS = { min: 1_000, max: 30_000 };
/** Messages that are to be expected in the time listened. */
const EXPECTED_MESSAGES = 2;

/**
 * Asks the ROS face whether ROS is there, a node is in its graph, a topic is alive. A topic is listened to for one second,
 * or for as long as two messages take at `min_rate`: the check's timeout has to be longer.
 */
export class RosProbe implements Probe<'ros'> {
  readonly type = 'ros';
  readonly #ros: Pick<RosControl, 'status' | 'probe'>;

  constructor(ros: Pick<RosControl, 'status' | 'probe'>) {
    this.#ros = ros;
  }

  async look(spec: SpecOf<'ros'>, _: ProbeTarget, signal: AbortSignal): Promise<Seen> {
    const off = this.#off();
    if (off !== null) return off;
    let seen = good('ROS is there');
    for (const question of questionsOf(spec)) {
      const { ok, text, rate } = await this.#ros.probe(question, signal);
      // It may have gone while it was asked: then the answer is about it.
      if (!ok) return this.#off() ?? bad(text, figuresOf(rate));
      seen = good(text, figuresOf(rate));
    }
    return seen;
  }

  #off(): Seen | null {
    const { state, text } = this.#ros.status().face;
    return state === 'on' ? null : unseen(`ROS cannot be asked, its face is ${state}: ${text}`);
  }
}

function questionsOf({ node, topic, min_rate }: SpecOf<'ros'>): Question[] {
  const questions: Question[] = [];
  if (node !== undefined) questions.push({ kind: 'node', name: fullName(node) });
  if (topic !== undefined) {
    const wanted = min_rate === undefined ? 0 : (EXPECTED_MESSAGES / min_rate) * 1000;
    const window_ms = Math.round(Math.min(WINDOW_MS.max, Math.max(WINDOW_MS.min, wanted)));
    questions.push({ kind: 'topic', name: fullName(topic), window_ms, min_rate: min_rate ?? 0 });
  }
  return questions.length === 0 ? [{ kind: 'available' }] : questions;
}

/** The catalog may leave out the slash in front. */
function fullName(name: string): string {
  return name.startsWith('/') ? name : `/${name}`;
}

function figuresOf(rate: number | null): Seen['figures'] {
  return rate === null ? {} : { rate_hz: Math.round(rate * 100) / 100 };
}
