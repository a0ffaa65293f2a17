import { RoviError } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import type { SupervisionRecord, SupervisionStore } from '../ports/supervision-store.js';
import { Alarm } from './alarm.js';

/** Milliseconds between two savings that nobody waits for. */
const EVERY_MS = 1_000;

export interface SupervisionKeeperOptions {
  readonly store: SupervisionStore;
  readonly clock: Clock;
  readonly records: () => readonly SupervisionRecord[];
  /** Told once of each trouble, until it could be saved again. */
  readonly failed: (error: RoviError) => void;
}

/** Saves what changes: at once, then at most once a second. */
export class SupervisionKeeper {
  readonly #options: SupervisionKeeperOptions;
  readonly #later: Alarm;
  #dirty = false;
  #saving: Promise<void> | null = null;
  #last = Number.NEGATIVE_INFINITY;
  #trouble = '';
  #stopped = false;

  constructor(options: SupervisionKeeperOptions) {
    this.#options = options;
    this.#later = new Alarm(options.clock);
  }

  /** Something is different. */
  changed(): void {
    if (this.#stopped) return;
    this.#dirty = true;
    if (this.#saving !== null || this.#later.left !== null) return;
    this.#later.set(Math.max(0, this.#last + EVERY_MS - this.#options.clock.monotonic()), () => {
      void this.saved();
    });
  }

  /** Resolves when all that is different now is kept, or could not be. */
  async saved(): Promise<void> {
    while (this.#saving !== null) await this.#saving;
    if (!this.#dirty) return;
    this.#later.clear();
    this.#saving = this.#save();
    await this.#saving;
  }

  /** Keeps what is different, for the last time. */
  async stop(): Promise<void> {
    await this.saved();
    this.#stopped = true;
    this.#later.clear();
  }

  async #save(): Promise<void> {
    this.#dirty = false;
    try {
      await this.#options.store.save(this.#options.records());
      this.#trouble = '';
    } catch (thrown) {
      const error = RoviError.from(thrown);
      if (error.message !== this.#trouble) this.#options.failed(error);
      this.#trouble = error.message;
      // Not again and again on a full disk: with the next change.
    }
    this.#last = this.#options.clock.monotonic();
    this.#saving = null;
    if (this.#dirty) this.changed();
  }
}
