import { RoviError } from '@rovi/contract';
import type { Actor, Ticket } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import { guardMotion } from './motion-guard.js';
import type { BoundCommand, TicketResult, TicketSurroundings } from './ticket-command.js';

/** Milliseconds within which what was aborted has to have ended. */
const GRACE_MS = 5_000;

/** What an attempt came to. */
export interface AttemptEnd {
  readonly status: 'completed' | 'failed' | 'cancelled';
  /** As far as it came. */
  readonly result: TicketResult | null;
  readonly error: RoviError | null;
  /** Milliseconds on the monotonic clock. */
  readonly ms: number;
  /** Who ended it; null where nobody did. */
  readonly by: Actor | null;
}

/**
 * One attempt of a ticket: runs its command until that ends, its timeout, {@link end}, or, for a motion that is no dry
 * run, until the stack that allows it does not run whole any more.
 */
export class TicketAttempt {
  readonly bound: BoundCommand;
  readonly #clock: Clock;
  readonly #abort = new AbortController();
  #by: Actor | null = null;

  constructor(bound: BoundCommand, clock: Clock) {
    this.bound = bound;
    this.#clock = clock;
  }

  /** Ends it: what moves is told to stop in this very turn. The first reason counts, and who gave it. */
  end(why: RoviError, by: Actor | null = null): void {
    if (!this.#abort.signal.aborted) this.#by = by;
    this.#abort.abort(why);
  }

  /** Never rejects. */
  async run(surroundings: TicketSurroundings): Promise<AttemptEnd> {
    const { ticket, conductor, settings } = surroundings;
    const { signal } = this.#abort;
    const began = this.#clock.monotonic();
    const over = new AbortController();
    void this.#timeOut(ticket, over.signal);
    const guarded = this.bound.motion && !ticket.dry_run;
    const release = guarded ? guardMotion(conductor, settings, (why) => this.end(why)) : () => undefined;
    let result: TicketResult | null = null;
    let error: RoviError | null = null;
    try {
      signal.throwIfAborted();
      result = await Promise.race([this.bound.run(surroundings, signal), this.#overdue(over.signal)]);
    } catch (thrown) {
      error = RoviError.from(thrown);
    } finally {
      over.abort();
      release();
    }
    // Why it was ended says more than what came of that; but nobody may be told that a base stopped which did not say so.
    if (signal.aborted && error?.code !== 'motion-lost') error = RoviError.from(signal.reason);
    const status = error === null ? 'completed' : error.code === 'ticket-cancelled' ? 'cancelled' : 'failed';
    return {
      status,
      result,
      error,
      ms: Math.round((this.#clock.monotonic() - began) * 10) / 10,
      by: this.#by,
    };
  }

  async #timeOut({ timeout_seconds: seconds }: Ticket, over: AbortSignal): Promise<void> {
    try {
      await this.#clock.sleep(seconds * 1000, over);
    } catch {
      return;
    }
    this.end(new RoviError('ticket-timeout', `it took longer than its ${seconds} s, and was ended`));
  }

  /** Rejects where what was ended does not end. */
  async #overdue(over: AbortSignal): Promise<never> {
    const { signal } = this.#abort;
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true, signal: over }));
    }
    await this.#clock.sleep(GRACE_MS, over);
    throw new RoviError(
      'motion-lost',
      `${this.bound.name} was told to end, and has not said within ${GRACE_MS / 1000} s that it did`,
      { mend: 'See that the robot stands; use the e-stop of the machine if it does not.' },
    );
  }
}
