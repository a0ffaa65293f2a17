import type { Supervision } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import type { SupervisionRecord } from '../ports/supervision-store.js';
import { Alarm } from './alarm.js';
import { CrashWindow } from './crash-window.js';
import { RunCounter } from './run-counter.js';

export interface SupervisionStateOptions {
  readonly unit: string;
  readonly clock: Clock;
  /** Something that is shown, or kept, is different. */
  readonly changed: () => void;
  /** Resolves when all is kept, or could not be. */
  readonly saved: () => Promise<void>;
}

/** Milliseconds after which it is looked again whether what was in the way still is. */
const AGAIN_MS = 5_000;

/** Where the supervision of one unit stands: its phase, its counters and what is planned. */
export class SupervisionState {
  readonly counter: RunCounter;
  readonly window: CrashWindow;
  /** Tries since the crash loop was detected; restarts of what is unhealthy since it was last healthy for long. */
  tries = 0;
  attempts = 0;
  readonly #options: SupervisionStateOptions;
  readonly #plan: Alarm;
  #phase: Supervision['phase'] = 'watching';
  #text = '';
  #next: string | null = null;
  #epoch = 0;
  #acting = false;

  constructor(options: SupervisionStateOptions, record: SupervisionRecord | null) {
    this.#options = options;
    this.#plan = new Alarm(options.clock);
    this.window = new CrashWindow(options.clock);
    this.counter = record === null ? new RunCounter() : new RunCounter(countsOf(record));
    if (record === null) return;
    this.window.restore(record.starts);
    this.tries = record.tries;
    this.attempts = record.attempts;
    this.#text = record.text;
    this.#next = record.next_at;
    // Health is looked at anew.
    this.#phase = record.phase === 'backoff' ? this.calm : record.phase;
  }

  get phase(): Supervision['phase'] {
    return this.#phase;
  }

  /** Why it is in this phase. */
  get text(): string {
    return this.#text;
  }

  /** RFC 3339: for when something is planned; of a gateway that is gone until it is planned again. */
  get next(): string | null {
    return this.#next;
  }

  /** True while something is planned. */
  get planned(): boolean {
    return this.#plan.left !== null;
  }

  /** The phase of a unit that nothing is planned for. */
  get calm(): 'watching' | 'trying' {
    return this.tries > 0 ? 'trying' : 'watching';
  }

  /** Changes whenever somebody decides otherwise: what was planned before is not to be done any more. */
  get epoch(): number {
    return this.#epoch;
  }

  /** True while the conductor itself has the unit in hand. */
  get acting(): boolean {
    return this.#acting;
  }

  get record(): SupervisionRecord {
    return {
      unit: this.#options.unit,
      ...this.counter.counts,
      phase: this.#phase,
      tries: this.tries,
      attempts: this.attempts,
      text: this.#text,
      next_at: this.#next,
      starts: this.window.moments,
    };
  }

  /** Kept at once: a gateway that is killed now must know what was shown. */
  enter(phase: Supervision['phase'], text: string): void {
    this.#phase = phase;
    this.#text = text;
    this.#options.changed();
    void this.#options.saved();
  }

  /** Does it in so many milliseconds, unless something else is planned before. */
  plan(ms: number, what: () => void): void {
    this.#plan.set(ms, () => {
      this.#next = null;
      what();
    });
    this.#next = new Date(this.#options.clock.now() + ms).toISOString();
  }

  /** Nothing may be done now: looks again later, without a moment that could be told. */
  wait(text: string, again: () => void): void {
    this.#plan.set(AGAIN_MS, again);
    this.#next = null;
    if (text !== this.#text) this.enter(this.#phase, text);
  }

  /** What is planned is not done; the phase is the one without it. */
  relax(): void {
    this.#drop();
    this.enter(this.calm, '');
  }

  /** Begins anew. Tells whether that makes a difference. */
  reset(): boolean {
    const fresh = this.#phase === 'watching' && this.tries === 0 && this.attempts === 0;
    this.#epoch += 1;
    this.#drop();
    this.#phase = 'watching';
    this.tries = 0;
    this.attempts = 0;
    this.#text = '';
    return !fresh;
  }

  /** Nothing is done any more; what is kept stays as it is. */
  close(): void {
    this.#epoch += 1;
    this.#plan.clear();
  }

  /** Has the unit in hand while the work goes on. */
  async holding<T>(work: () => Promise<T>): Promise<T> {
    this.#acting = true;
    try {
      return await work();
    } finally {
      this.#acting = false;
    }
  }

  #drop(): void {
    this.#plan.clear();
    this.#next = null;
  }
}

function countsOf({ crashes, restarts, run, invocation, asked, systemd_restarts }: SupervisionRecord) {
  return { crashes, restarts, run, invocation, asked, systemd_restarts };
}
