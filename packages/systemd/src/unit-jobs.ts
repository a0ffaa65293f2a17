import type { CallOptions, JobOutcome, UnitReading } from '@rovi/conductor';
import { translateBusFailure } from './bus-error.js';
import { BusFailure } from './bus-failure.js';
import { Deadline } from './deadline.js';
import { JobWaits } from './job-waits.js';
import type { SystemdCalls } from './systemd-calls.js';
import { JOB, MANAGER_PATH } from './systemd-names.js';
import type { UnitRecord } from './unit-record.js';
import { atRest } from './unit-record.js';

type Verb = 'start' | 'stop' | 'restart';

/** The records that jobs are judged by. */
export interface JobGround {
  readonly record: (unit: string) => UnitRecord;
  /** Whether signals keep this record up to date. */
  readonly watched: (record: UnitRecord) => boolean;
  /** Reads the unit afresh. Rejects with a BusFailure, also if the session ended meanwhile. */
  readonly refresh: (record: UnitRecord, deadlineMs: number) => Promise<void>;
  /** Tells of a record that is up to date. */
  readonly report: (record: UnitRecord) => void;
}

/** Queues jobs and waits for their ends, across the loss of the bus and of systemd itself. */
export class UnitJobs {
  readonly #calls: SystemdCalls;
  readonly #ground: JobGround;
  readonly #waits = new JobWaits();
  /** What our own jobs do, for the jobs systemd signals without saying their type. */
  readonly #verbs = new Map<string, Verb>();
  /** Callbacks of those who wait for the next session. */
  readonly #returns = new Set<() => void>();
  #session = 0;

  constructor(calls: SystemdCalls, ground: JobGround) {
    this.#calls = calls;
    this.#ground = ground;
  }

  /** What our own job for this unit does; undefined where there is none. */
  verbOf(unit: string): Verb | undefined {
    return this.#verbs.get(unit);
  }

  /**
   * Sends the job's call in the very turn it is called in, then waits for the end and reads the unit. Rejects with a
   * RoviError, or with the caller's own reason.
   */
  async run(verb: Verb, unit: string, options: CallOptions): Promise<JobOutcome> {
    options.signal?.throwIfAborted();
    const deadline = new Deadline(options);
    const record = this.#ground.record(unit);
    // A start that joins one under way makes no run of its own.
    const before = verb === 'restart' || atRest(record.reading) ? record.reading.invocationId : null;
    this.#verbs.set(unit, verb);
    try {
      let word = await this.#queue(verb, unit, deadline);
      for (;;) {
        const session = this.#session;
        try {
          const again = word === 'lost' ? await this.#sought(verb, record, deadline) : null;
          if (again !== null) {
            word = await again.end;
            continue;
          }
          if (word !== 'lost') await deadline.race(this.#confirm(record, deadline.leftMs));
          return outcomeOf(verb, word as JobOutcome['result'], before, record.reading);
        } catch (failure) {
          if (!(failure instanceof BusFailure) || failure.kind === 'timeout' || failure.kind === 'reply')
            throw failure;
          if (this.#session === session) await this.#nextSession(deadline.signal);
        }
      }
    } catch (failure) {
      throw translateBusFailure(failure, { verb, unit });
    } finally {
      this.#verbs.delete(unit);
      deadline.end();
    }
  }

  /** systemd has told of a job's end. */
  ended(path: string, result: string): void {
    this.#waits.ended(path, result);
  }

  /** A new session begins: ends the wait for every job that systemd no longer has. */
  async settle(deadlineMs: number): Promise<void> {
    await Promise.all(
      this.#waits.paths.map(async (path) => {
        const there = await this.#calls.property(path, JOB, 'Id', deadlineMs);
        if (there === undefined) this.#waits.ended(path, 'lost');
      }),
    );
  }

  /** A new session has begun: those who wait for one go on. */
  resume(): void {
    this.#session += 1;
    for (const resume of [...this.#returns]) resume();
  }

  /** Resolves with systemd's word on the job's end, or with `lost`. */
  async #queue(verb: Verb, unit: string, deadline: Deadline): Promise<string> {
    const session = this.#session;
    try {
      const { result } = await deadline.race(
        this.#waits.dispatch(() => this.#calls.queueJob(verb, unit, deadline.leftMs), deadline.signal),
      );
      return await result;
    } catch (failure) {
      // Sent, but the answer was lost with the bus: whether the job exists only systemd can tell.
      if (!(failure instanceof BusFailure) || failure.kind !== 'lost') throw failure;
      if (this.#session === session) await this.#nextSession(deadline.signal);
      return 'lost';
    }
  }

  /**
   * Reads the unit of a job that was lost from sight. Resolves with the word on the end of that job where it is still
   * under way, with null where it is not: then the record is all there is to know.
   */
  async #sought(
    verb: Verb,
    record: UnitRecord,
    deadline: Deadline,
  ): Promise<{ end: Promise<string> } | null> {
    const { path, result } = await deadline.race(
      this.#waits.dispatch(async () => {
        await this.#ground.refresh(record, deadline.leftMs);
        const { job } = record.reading;
        // systemd's word for a restart whose first half is done.
        const same = job?.type === verb || (verb === 'restart' && job?.type === 'start');
        return same ? `${MANAGER_PATH}/job/${job.id}` : null;
      }, deadline.signal),
    );
    return path === null ? null : { end: result };
  }

  /**
   * After a job's end: all signals about the unit have come before that of the job, so the record is up to date.
   * systemd's own word on the state has to agree with it; where it does not, everything is read.
   */
  async #confirm(record: UnitRecord, deadlineMs: number): Promise<void> {
    const { activeState, subState } = record.reading;
    if (!this.#ground.watched(record)) return this.#ground.refresh(record, deadlineMs);
    await this.#calls.listLoaded(record, deadlineMs);
    const now = record.reading;
    if (now.activeState !== activeState || now.subState !== subState) {
      return this.#ground.refresh(record, deadlineMs);
    }
    this.#ground.report(record);
  }

  #nextSession(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.#returns.delete(resume);
        signal.removeEventListener('abort', abort);
      };
      const resume = (): void => (leave(), resolve());
      const abort = (): void => (leave(), reject(signal.reason as Error));
      if (signal.aborted) return abort();
      this.#returns.add(resume);
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}

/**
 * A job's end in plain words, where systemd's are not: it says `done` of a start that a condition prevented, and of a
 * failed unit that hits its start limit it keeps saying how the run before ended. No other failed start job leaves the
 * unit without a new invocation.
 */
function outcomeOf(
  verb: Verb,
  result: JobOutcome['result'],
  invocationBefore: string | null,
  reading: UnitReading,
): JobOutcome {
  if (verb !== 'stop' && result === 'done' && atRest(reading) && !reading.conditionResult) {
    return { result: 'skipped', reading };
  }
  const { invocationId, activeState } = reading;
  if (verb !== 'stop' && result === 'failed' && activeState === 'failed' && invocationId !== null) {
    if (invocationId === invocationBefore)
      return { result, reading: { ...reading, result: 'start-limit-hit' } };
  }
  return { result, reading };
}
