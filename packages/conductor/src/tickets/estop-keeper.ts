import type { Actor, Estop } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import type { TicketStore } from '../ports/ticket-store.js';

/** Milliseconds that who calls for it waits for the disk. */
const PATIENCE_MS = 2_000;

/** The e-stop of tickets: it acts before it is written down, and is lifted only once that is. */
export class EstopKeeper {
  readonly #store: TicketStore;
  readonly #clock: Clock;
  readonly #onFault: (error: unknown) => void;
  #now: Estop = { active: false, since: null, actor: null, reason: '', stored: true };
  /** Grows with each call for it: one that comes while it is lifted must not be lost. */
  #calls = 0;
  /** Resolves when the last reset is written down, or cannot be. */
  #lifting: Promise<void> = Promise.resolve();

  constructor(store: TicketStore, clock: Clock, onFault: (error: unknown) => void) {
    this.#store = store;
    this.#clock = clock;
    this.#onFault = onFault;
  }

  get now(): Estop {
    return this.#now;
  }

  /** Takes over what outlived the last run; one that was set meanwhile counts, and is written down. */
  async load(): Promise<void> {
    const left = await this.#store.estop();
    if (this.#now.active) await this.#write();
    else this.#now = { ...left, stored: true };
  }

  /** Active in this very turn; one that is active already keeps who set it. */
  set(actor: Actor, reason: string, at: string): void {
    this.#calls += 1;
    if (this.#now.active) return;
    this.#now = { active: true, since: at, actor, reason, stored: false };
  }

  /** Writes down what is, also where that is written already. Rejects where it cannot be: the disk takes no steps either. */
  async prove(): Promise<void> {
    // A reset that is being written down must not be overwritten by what it lifts.
    await this.#lifting;
    await this.#write();
  }

  /** Writes down what is; the answer says whether that could be done, and does not wait for a disk that hangs. */
  async keep(): Promise<Estop> {
    if (this.#now.stored) return this.#now;
    const answered = new AbortController();
    const written = this.#write().catch(this.#onFault);
    const late = this.#clock.sleep(PATIENCE_MS, answered.signal).catch(() => undefined);
    await Promise.race([written, late]);
    answered.abort();
    return this.#now;
  }

  /** Rejects, and stays active, where it cannot be written down. One that is called for meanwhile wins. */
  async reset(actor: Actor, reason: string, at: string): Promise<Estop> {
    if (!this.#now.active) return this.#now;
    const calls = this.#calls;
    const next: Estop = { active: false, since: at, actor, reason, stored: true };
    const written = this.#store.setEstop(next);
    this.#lifting = written.then(
      () => undefined,
      () => undefined,
    );
    await written;
    if (this.#calls === calls) return (this.#now = next);
    this.#now = { ...this.#now, stored: false };
    return this.keep();
  }

  async #write(): Promise<void> {
    const given = this.#now;
    await this.#store.setEstop({ ...given, stored: true });
    if (this.#now === given) this.#now = { ...given, stored: true };
  }
}
