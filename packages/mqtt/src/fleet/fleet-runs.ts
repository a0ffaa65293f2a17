import { RoviError } from '@rovi/contract';
import type { FleetRun, FleetRunBody } from '@rovi/contract';
import type { FleetField } from './fleet-errand.js';
import type { Behalf } from './fleet-mail.js';
import { FleetRunner } from './fleet-run.js';

/** Runs that are kept. */
const KEPT = 20;
/** The same while none of them has ended, for a stop of everything: it does not wait for others. */
const KEPT_FOR_STOPS = 40;
/** Milliseconds that the steps of a run are gathered; a run of more robots takes as many milliseconds. */
const GATHER_MS = 200;

export interface FleetRunsOptions {
  readonly field: FleetField;
  readonly time: () => string;
  /** Told of a run that went on, gathered. */
  readonly told: (run: FleetRun) => void;
}

/** The last runs, newest first. Only those that are over are forgotten. */
export class FleetRuns {
  readonly #options: FleetRunsOptions;
  readonly #runs: FleetRunner[] = [];
  readonly #gathering = new Map<FleetRunner, () => void>();

  constructor(options: FleetRunsOptions) {
    this.#options = options;
  }

  get list(): FleetRun[] {
    return this.#runs.map(({ run }) => run);
  }

  /** Throws `too-many-requests` where there is no room. */
  start(body: FleetRunBody, behalf: Behalf): FleetRun {
    this.#makeRoom(body.command.kind === 'stop-all' || body.command.kind === 'estop');
    const { field, time } = this.#options;
    const runner: FleetRunner = new FleetRunner({
      field,
      body,
      behalf,
      time,
      changed: () => this.#gather(runner),
    });
    this.#runs.unshift(runner);
    runner.start();
    return runner.run;
  }

  /** Something is other with some robots. */
  wake(): void {
    for (const runner of this.#runs) runner.wake();
  }

  /** Nothing is told any more. */
  stop(): void {
    for (const runner of this.#runs) runner.forget();
    for (const cancel of this.#gathering.values()) cancel();
    this.#gathering.clear();
  }

  #makeRoom(stops: boolean): void {
    while (this.#runs.length >= KEPT) {
      const oldest = this.#runs.findLastIndex(({ isOver }) => isOver);
      if (oldest === -1) {
        if (stops && this.#runs.length < KEPT_FOR_STOPS) return;
        throw new RoviError('too-many-requests', `${String(this.#runs.length)} runs are under way already`, {
          mend: 'Wait for one to end.',
        });
      }
      const [gone] = this.#runs.splice(oldest, 1);
      gone?.forget();
    }
  }

  #gather(runner: FleetRunner): void {
    if (this.#gathering.has(runner)) return;
    const { field, told } = this.#options;
    const ms = Math.max(GATHER_MS, runner.size);
    this.#gathering.set(
      runner,
      field.after(ms, () => {
        this.#gathering.delete(runner);
        told(runner.run);
      }),
    );
  }
}
