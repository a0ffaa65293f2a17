import { RoviError } from '@rovi/contract';
import type { OperationRecord } from '../operation-record.js';
import { isUp } from '../start-failure.js';
import type { InstancePorts, InstanceRun, InstanceSteps } from './instance-steps.js';
import type { Readiness } from './readiness.js';
import type { InstanceFacts } from './service-observer.js';
import type { HealthView } from './service-parts.js';

/**
 * Milliseconds that an instance which nothing checks is watched before its start counts as done: what cannot run mostly
 * dies in its first moments, and systemd calls a program started as soon as it was executed.
 */
export const SETTLE_MS = 500;

export interface ReadinessPorts extends InstancePorts {
  readonly readiness: Readiness;
  readonly health: HealthView;
}

/** Waits for runs to be ready, and to last. One instance per operation. */
export class InstanceReadiness {
  readonly #ports: ReadinessPorts;
  readonly #steps: InstanceSteps;
  readonly #record: OperationRecord;
  readonly #signal: AbortSignal;

  constructor(options: {
    readonly ports: ReadinessPorts;
    readonly steps: InstanceSteps;
    readonly record: OperationRecord;
    readonly signal: AbortSignal;
  }) {
    this.#ports = options.ports;
    this.#steps = options.steps;
    this.#record = options.record;
    this.#signal = options.signal;
  }

  /** Waits until this run is ready, for the service's time to start. Throws `not-ready`, or why the run ended. */
  async reach(run: InstanceRun): Promise<void> {
    const { facts } = run;
    const { start } = this.#ports.observer.entry(facts.service).timeouts;
    await this.#record.step(`wait until ${facts.unit} is ready`, () =>
      this.#unlessEnded([run], async (signal) => {
        const late = this.#late(run, start * 1000, signal);
        late.catch(() => undefined);
        const ready = this.#seen(run, signal).then(() =>
          this.#ports.readiness.whenReady(facts.service, facts.id, signal),
        );
        await Promise.race([ready, late]);
      }),
    );
  }

  /** Watches those of `runs` that nothing checks; then asks systemd whether all, and `others`, are still there. Throws why one is not. */
  async last(runs: readonly InstanceRun[], others: readonly InstanceRun[] = []): Promise<void> {
    const unchecked = runs.filter(({ facts }) => !this.#isChecked(facts));
    if (unchecked.length > 0) await this.#watch(unchecked);
    await this.#requireThere([...runs, ...others]);
  }

  /** The same for one run that is watched whether it has checks or not. */
  async settle(run: InstanceRun): Promise<void> {
    await this.#watch([run]);
    await this.#requireThere([run]);
  }

  /** Why the run is no longer there, by systemd's own word; null where it is. */
  endOf(run: InstanceRun): Promise<RoviError | null> {
    return this.#firstEnd([run]);
  }

  async #watch(runs: readonly InstanceRun[]): Promise<void> {
    const units = runs.map(({ facts }) => facts.unit).join(', ');
    await this.#record.step(`watch ${units} for ${SETTLE_MS / 1000} s`, () =>
      this.#unlessEnded(runs, (signal) => this.#ports.clock.sleep(SETTLE_MS, signal)),
    );
  }

  async #requireThere(runs: readonly InstanceRun[]): Promise<void> {
    const end = await this.#firstEnd(runs);
    if (end !== null) throw end;
  }

  #isChecked({ service }: InstanceFacts): boolean {
    const { health } = this.#ports.observer.entry(service);
    return health.some(({ role }) => role === 'startup' || role === 'readiness');
  }

  /** Resolves when the observer has come to see this run: what it showed before may be of the one before. */
  #seen({ facts, invocation }: InstanceRun, signal: AbortSignal): Promise<void> {
    const { observer } = this.#ports;
    const shows = (): boolean => {
      const now = observer.instance(facts.service, facts.id);
      return now.fresh && now.knowledge?.reading.invocationId === invocation;
    };
    if (shows()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const leave = observer.subscribe(({ now }) => {
        if (now.unit !== facts.unit || !shows()) return;
        leave();
        resolve();
      });
      signal.addEventListener('abort', () => (leave(), reject(signal.reason as Error)), { once: true });
    });
  }

  /** Does the work, but fails as soon as one of these runs has ended. */
  async #unlessEnded(
    runs: readonly InstanceRun[],
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const { observer } = this.#ports;
    const over = new AbortController();
    const signal = AbortSignal.any([this.#signal, over.signal]);
    const ended = new Promise<never>((_, reject) => {
      const look = (run: InstanceRun): void => {
        // What the observer shows may be older than the start: only systemd's own word counts as the end.
        void this.#firstEnd([run]).then((end) => end !== null && reject(end), reject);
      };
      const leave = observer.subscribe(({ now }) => {
        const run = runs.find(({ facts }) => facts.unit === now.unit);
        if (run !== undefined && now.fresh && !this.#looksLike(now, run)) look(run);
      });
      signal.addEventListener('abort', leave, { once: true });
      for (const run of runs) {
        if (!this.#looksLike(observer.instance(run.facts.service, run.facts.id), run)) look(run);
      }
    });
    ended.catch(() => undefined);
    const working = work(signal);
    working.catch(() => undefined);
    try {
      await Promise.race([working, ended]);
    } catch (error) {
      this.#signal.throwIfAborted();
      // Whoever waits for readiness may have heard of the end first: why it ended says more.
      const end =
        error instanceof RoviError && error.code === 'not-ready' ? await this.#firstEnd(runs) : null;
      throw end ?? error;
    } finally {
      over.abort(new RoviError('operation-cancelled', 'no longer waited for'));
    }
  }

  async #late(run: InstanceRun, withinMs: number, signal: AbortSignal): Promise<never> {
    await this.#ports.clock.sleep(withinMs, signal);
    const { service, id, unit } = run.facts;
    const { text, checks } = this.#ports.health.health(service, id);
    const why = text === '' ? '' : ` (${text})`;
    throw new RoviError(
      'not-ready',
      `${unit} runs, but was not ready within ${withinMs / 1000} s${why}; it is left running`,
      {
        mend: `Look at its checks and its log: \`rovictl logs ${service}\`. Stop it, or wait.`,
        context: { service, instance: id, checks },
      },
    );
  }

  #looksLike({ knowledge }: InstanceFacts, { invocation }: InstanceRun): boolean {
    return knowledge?.reading.invocationId === invocation && isUp(knowledge.reading);
  }

  /** Why the first of these that is no longer there has ended, by systemd's own word; null where all are there. */
  async #firstEnd(runs: readonly InstanceRun[]): Promise<RoviError | null> {
    const readings = await this.#steps.readings(runs.map(({ facts }) => facts.unit));
    for (const [index, { facts, invocation }] of runs.entries()) {
      const reading = readings[index];
      if (reading === undefined || (reading.invocationId === invocation && isUp(reading))) continue;
      return this.#steps.failure(facts, { result: 'done', reading }, { invocation });
    }
    return null;
  }
}
