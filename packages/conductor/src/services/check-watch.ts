import type { CheckStatus, HealthCheck, ProbeResult } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import type { CheckState } from './health-check.js';
import { checkStatusOf, foldLook, unlooked } from './health-check.js';
import type { LookBudget } from './look-budget.js';

/** Looks kept of each check. */
export const KEPT_LOOKS = 20;

type Seen = Pick<ProbeResult, 'ok' | 'text' | 'figures'>;

export interface CheckWatchOptions {
  readonly check: HealthCheck;
  readonly clock: Clock;
  readonly budget: LookBudget;
  /** Looks once. What it does after the signal aborted, or throws, harms nobody. */
  readonly probe: (signal: AbortSignal) => Promise<Seen>;
  /** Called after each look that counts. */
  readonly looked: () => void;
}

/**
 * One health check of one instance, over all its runs. It looks again an interval after the last look has ended, and never
 * twice at once: a look that ignores its end has failed all the same, and so has each one that would have come meanwhile.
 */
export class CheckWatch {
  readonly check: HealthCheck;
  readonly #options: CheckWatchOptions;
  readonly #history: ProbeResult[] = [];
  #state: CheckState = unlooked;
  #run: AbortController | null = null;
  /** When the look began that has not ended, if there is one: monotonic. */
  #hungSince: number | null = null;

  constructor(options: CheckWatchOptions) {
    this.#options = options;
    this.check = options.check;
  }

  get status(): CheckStatus {
    return checkStatusOf(this.check, this.#state);
  }

  /** The last {@link KEPT_LOOKS} looks, of earlier runs too, newest last. */
  get history(): ProbeResult[] {
    return [...this.#history];
  }

  /** Begins anew: nothing is decided. The first look comes after `first` ms; `startedAt` is when the instance began, monotonic. */
  begin({ first, startedAt }: { readonly first: number; readonly startedAt: number }): void {
    this.end();
    this.#run = new AbortController();
    void this.#watch(first, startedAt, this.#run.signal);
  }

  /** Looks no more. How the check stands is kept. */
  end(): void {
    this.#run?.abort(new Error('no longer looked at'));
    this.#run = null;
  }

  /** Looks no more, and forgets how it stood. */
  reset(): void {
    this.end();
    this.#state = unlooked;
  }

  async #watch(first: number, startedAt: number, run: AbortSignal): Promise<void> {
    const { clock, budget } = this.#options;
    const { interval, start_period } = this.check;
    let wait = first;
    while (await slept(clock, wait, run)) {
      wait = interval * 1000;
      await budget.run(async () => {
        if (run.aborted) return;
        const early = clock.monotonic() - startedAt < start_period * 1000;
        const result = await this.#look(run);
        // As TypeScript sees it nothing has changed since the line above.
        if ((run as { readonly aborted: boolean }).aborted) return;
        this.#history.push(result);
        if (this.#history.length > KEPT_LOOKS) this.#history.shift();
        this.#state = foldLook(this.#state, { result, early }, this.check);
        this.#options.looked();
      });
    }
  }

  async #look(run: AbortSignal): Promise<ProbeResult> {
    const { clock } = this.#options;
    const at = new Date(clock.now()).toISOString();
    const began = clock.monotonic();
    const seen = this.#hungSince === null ? await this.#probe(run) : hung(began - this.#hungSince);
    return { at, ...seen, duration_ms: Math.round((clock.monotonic() - began) * 10) / 10 };
  }

  async #probe(run: AbortSignal): Promise<Seen> {
    const { clock } = this.#options;
    const end = new AbortController();
    const stop = (): void => end.abort(run.reason);
    run.addEventListener('abort', stop, { once: true });
    const timer = new AbortController();
    this.#hungSince = clock.monotonic();
    const probing = this.#guarded(end.signal);
    const late = slept(clock, this.check.timeout * 1000, timer.signal);
    const seen = await Promise.race([probing, late.then(() => null)]);
    timer.abort();
    run.removeEventListener('abort', stop);
    if (seen !== null) return seen;
    end.abort(new Error('timed out'));
    return { ok: false, text: `no answer within ${this.check.timeout} s`, figures: {} };
  }

  async #guarded(signal: AbortSignal): Promise<Seen> {
    try {
      const { ok, text, figures } = await this.#options.probe(signal);
      return { ok, text, figures };
    } catch (error) {
      return {
        ok: null,
        text: `the probe failed: ${error instanceof Error ? error.message : String(error)}`,
        figures: {},
      };
    } finally {
      this.#hungSince = null;
    }
  }
}

function hung(ms: number): Seen {
  return { ok: false, text: `the look of ${Math.round(ms / 1000)} s ago has not ended yet`, figures: {} };
}

/** True after `ms`, false as soon as the signal aborts. */
function slept(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  return clock.sleep(ms, signal).then(
    () => true,
    () => false,
  );
}
