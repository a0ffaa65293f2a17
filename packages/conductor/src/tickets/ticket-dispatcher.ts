import type { Actor, QueuedTicket, Ticket, TicketSettings } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import type { ConductorApi } from '../ports/conductor-api.js';
import type { MotionBase, Scanner } from '../ports/motion.js';
import { TicketAttempt } from './ticket-attempt.js';
import type { AttemptEnd } from './ticket-attempt.js';
import type { TicketJob } from './ticket-job.js';
import type { TicketLedger } from './ticket-ledger.js';
import { SELF } from './ticket-ledger.js';
import { TicketQueue } from './ticket-queue.js';
import { executionOf } from './ticket-reading.js';
import type { TicketTelemetry } from './ticket-telemetry.js';

/** Commands that are no motion and may run at a time. */
const BESIDE = 4;
/** Milliseconds between two attempts to write down an end. */
const RETRY_MS = 2_000;

export interface TicketDispatcherOptions {
  readonly ledger: TicketLedger;
  readonly clock: Clock;
  readonly conductor: ConductorApi;
  readonly settings: TicketSettings;
  readonly telemetry: TicketTelemetry;
  /** What moves and looks for this ticket. */
  readonly hands: (ticket: Ticket) => { readonly base: MotionBase; readonly scanner: Scanner };
  /** Throws why the job may not begin now. */
  readonly requireReady: (job: Pick<TicketJob, 'bound' | 'ticket'>) => void;
  /** Whether anything may begin. */
  readonly free: () => boolean;
  readonly tell: (ticket: Ticket) => void;
  readonly onFault: (error: unknown) => void;
}

interface Running {
  readonly job: TicketJob;
  readonly attempt: TicketAttempt;
  /** Resolves when its end is written down. */
  readonly over: Promise<void>;
}

/** Carries out what was asked for: one motion at a time, others beside it, each in its turn. */
export class TicketDispatcher {
  readonly #options: TicketDispatcherOptions;
  readonly #queue = new TicketQueue();
  readonly #waiting = new Map<string, TicketJob>();
  readonly #running = new Map<string, Running>();
  /** Those that waited and are being ended: until that is written down, others may still read them as queued. */
  readonly #ending = new Map<string, Promise<void>>();
  /** Those whose end could not be written down yet: how to try again. They never begin. */
  readonly #unwritten = new Map<string, () => Promise<void>>();
  /** Those that executed and ended, and why that could not be written down yet. */
  readonly #faults = new Map<string, RoviError>();
  /** Those that are being queued just now. */
  readonly #coming = new Set<string>();
  readonly #closing = new AbortController();
  #stops = 0;

  constructor(options: TicketDispatcherOptions) {
    this.#options = options;
  }

  /** What executes now, oldest first. */
  get executing(): Ticket[] {
    const all = [...this.#running.values()].map(({ job }) => job.ticket);
    return all.filter(({ status }) => status === 'executing');
  }

  /** What waits for its turn, the next first: the first so many. */
  queued(most: number): QueuedTicket[] {
    return this.#queue.waiting.slice(0, most).flatMap(({ id }) => {
      const ticket = this.#waiting.get(id)?.ticket;
      if (ticket === undefined) return [];
      const { command, params, priority, dry_run } = ticket;
      return [{ id, command, params, priority, dry_run }];
    });
  }

  /** Grows with every stop of all motion: what was asked for before it must not begin after it. */
  get stops(): number {
    return this.#stops;
  }

  /** Whether a ticket that is stored as queued or executing is in this dispatcher's hands; where not, nobody's. */
  knows(id: string): boolean {
    const places = [this.#running, this.#waiting, this.#ending, this.#unwritten, this.#coming];
    return places.some((place) => place.has(id));
  }

  /** A ticket is being queued: it is known from now on. Returns how to say that this has been decided. */
  expect(id: string): () => void {
    this.#coming.add(id);
    return () => this.#coming.delete(id);
  }

  /** Tries once more to write down what could not be. Rejects where that still fails. */
  async settle(): Promise<void> {
    for (const again of [...this.#unwritten.values()]) await again();
  }

  /** Takes a queued ticket; what can only end something begins at once. */
  add(job: TicketJob): void {
    const { id, priority } = job.ticket;
    if (job.bound.ends) {
      this.#begin(job);
      return;
    }
    this.#waiting.set(id, job);
    this.#queue.add({ id, priority, motion: job.bound.motion });
    this.pump();
  }

  /** Begins what may begin. */
  pump(): void {
    const running = (motion: boolean): number =>
      [...this.#running.values()].filter(({ job: { bound } }) => !bound.ends && bound.motion === motion)
        .length;
    for (const [motion, most] of [
      [true, 1],
      [false, BESIDE],
    ] as const) {
      while (this.#options.free() && !this.#closing.signal.aborted && running(motion) < most) {
        const next = this.#queue.take(motion);
        const job = next === null ? undefined : this.#waiting.get(next.id);
        if (job === undefined) break;
        this.#waiting.delete(job.ticket.id);
        this.#begin(job);
      }
    }
  }

  /**
   * Ends one: what it moves is told to stop in this very turn. Resolves when that is written down, or waits to be;
   * null where it neither runs nor waits.
   */
  end(id: string, why: RoviError, actor: Actor): Promise<void> | null {
    const running = this.#running.get(id);
    if (running !== undefined) {
      running.attempt.end(why, actor);
      return Promise.race([running.over, running.job.finished.then(() => undefined)]);
    }
    const job = this.#waiting.get(id);
    if (job === undefined) return this.#ending.get(id) ?? this.#unwritten.get(id)?.() ?? null;
    return this.#endWaiting(job, 'cancelled', why, actor);
  }

  /** Why the end of what executed could not be written down yet; null where it was, or it has not ended. */
  fault(id: string): RoviError | null {
    return this.#faults.get(id) ?? null;
  }

  /** Ends all that executes, but for what can only end something, in this very turn. What waits goes on waiting. */
  endAll(why: RoviError, actor: Actor): void {
    for (const { attempt } of this.#running.values()) if (!attempt.bound.ends) attempt.end(why, actor);
  }

  /** Ends every motion, under way in this very turn, and queued. */
  stopMotion(why: RoviError, actor: Actor): void {
    this.#stops += 1;
    for (const { attempt } of this.#running.values()) if (attempt.bound.motion) attempt.end(why, actor);
    for (const job of this.#waiting.values()) {
      if (job.bound.motion) void this.#endWaiting(job, 'cancelled', why, actor).catch(this.#options.onFault);
    }
  }

  /** Ends all that executes, and answers for what waits: it is pending again when the gateway is back. */
  async stop(why: RoviError): Promise<void> {
    this.#closing.abort(why);
    for (const { attempt } of this.#running.values()) attempt.end(why);
    for (const job of this.#waiting.values()) {
      job.settle(executionOf(job.ticket, null, 'the gateway ended; it is pending when that is back'));
    }
    await Promise.all([...this.#running.values()].map(({ over }) => over));
  }

  #begin(job: TicketJob): void {
    const { id } = job.ticket;
    const attempt = new TicketAttempt(job.bound, this.#options.clock);
    const over = this.#carryOut(job, attempt)
      .catch((error: unknown) => {
        this.#options.onFault(error);
        job.settle(executionOf(job.ticket, null, RoviError.from(error).message));
      })
      .finally(() => {
        this.#running.delete(id);
        this.#faults.delete(id);
        this.pump();
      });
    this.#running.set(id, { job, attempt, over });
  }

  async #carryOut(job: TicketJob, attempt: TicketAttempt): Promise<void> {
    const { ledger, requireReady, telemetry, tell, conductor, settings, hands } = this.#options;
    const { actor, origin } = job.request;
    try {
      // Again: much can have happened while it waited.
      requireReady(job);
    } catch (thrown) {
      await this.#endWaiting(job, 'failed', RoviError.from(thrown), SELF);
      return;
    }
    let executing: Ticket | null;
    try {
      executing = await ledger.move(job.ticket, 'executing', { actor, reason: '' });
    } catch (thrown) {
      // It does not begin later either, when nobody expects it.
      await this.#endWaiting(job, 'failed', RoviError.from(thrown), SELF);
      return;
    }
    if (executing === null) {
      job.ticket = await ledger.read(job.ticket.id);
      job.settle(executionOf(job.ticket, null));
      return;
    }
    job.ticket = executing;
    tell(executing);
    telemetry.started(executing);
    const surroundings = { ticket: executing, actor, origin, settings, conductor, ...hands(executing) };
    await this.#writeEnd(job, await attempt.run(surroundings));
  }

  /** Writes down how the attempt ended. Where that fails, who waits is told; it is tried until it succeeds. */
  async #writeEnd(job: TicketJob, { status, result, error, ms, by }: AttemptEnd): Promise<void> {
    const { ledger, telemetry, tell, clock, onFault } = this.#options;
    const words = { error: error?.message ?? null, errorCode: error?.code ?? null };
    const step = {
      actor: status === 'cancelled' ? (by ?? job.request.actor) : SELF,
      reason: words.error ?? '',
      outcome: { result, ...words, executionTimeMs: ms },
    };
    const seen: Ticket = { ...job.ticket, status, result, error: words.error, error_code: words.errorCode };
    for (;;) {
      try {
        job.ticket = (await ledger.move(job.ticket, status, step)) ?? seen;
        telemetry.ended(job.ticket, ms);
        tell(job.ticket);
        job.settle(executionOf(job.ticket, ms));
        return;
      } catch (thrown) {
        onFault(thrown);
        const fault = RoviError.from(thrown);
        this.#faults.set(job.ticket.id, fault);
        const note = `it could not be written down yet: ${fault.message}`;
        job.settle(executionOf(seen, ms, note));
        if (this.#closing.signal.aborted) return;
        await clock.sleep(RETRY_MS, this.#closing.signal).catch(() => undefined);
      }
    }
  }

  /** Ends what waits for its turn, or has it and may not begin. */
  #endWaiting(job: TicketJob, to: 'failed' | 'cancelled', why: RoviError, actor: Actor): Promise<void> {
    const { id } = job.ticket;
    this.#queue.remove(id);
    this.#waiting.delete(id);
    const over = this.#writeUnbegun(job, to, { why, actor })
      .then(
        () => void this.#unwritten.delete(id),
        (error: unknown) => {
          this.#unwritten.set(id, () => this.#endWaiting(job, to, why, actor));
          job.settle(executionOf(job.ticket, null, `${why.message}; it could not be written down yet`));
          throw error;
        },
      )
      .finally(() => this.#ending.delete(id));
    this.#ending.set(id, over);
    return over;
  }

  async #writeUnbegun(
    job: TicketJob,
    to: 'failed' | 'cancelled',
    { why, actor }: { readonly why: RoviError; readonly actor: Actor },
  ): Promise<void> {
    const { ledger, tell } = this.#options;
    const outcome = { result: null, error: why.message, errorCode: why.code, executionTimeMs: null };
    const moved = await ledger.move(job.ticket, to, { actor, reason: why.message, outcome });
    const found = moved ?? (await ledger.read(job.ticket.id));
    // Begun on the disk, and the answer was lost: it never began.
    const ended =
      found.status === 'executing'
        ? await ledger.move(found, 'failed', { actor, reason: why.message, outcome })
        : null;
    job.ticket = ended ?? found;
    if (moved !== null || ended !== null) tell(job.ticket);
    job.settle(executionOf(job.ticket, null));
  }
}
