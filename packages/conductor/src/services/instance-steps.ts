/**
 * What an operation does to single instances. The rules are those of transitions.ts: nothing is sent after the
 * operation's signal has aborted (checked in the turn of the send), and an answer is never taken for the state.
 */
import { dependenciesOf, RoviError } from '@rovi/contract';
import { isDestructive } from '../destructive-job.js';
import { exitCauseOf } from '../exit-cause.js';
import { lastLines } from '../last-lines.js';
import { stopFailure } from '../operation-errors.js';
import type { OperationRecord } from '../operation-record.js';
import { PatientUnits, RECONNECT_MS } from '../patient-units.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { JobOutcome, ProcessReading, UnitManager, UnitReading } from '../ports/unit-manager.js';
import { JOB_GRACE_MS } from '../run-end.js';
import { isUp, refuseUnloaded } from '../start-failure.js';
import { instanceStartFailure } from './instance-start-failure.js';
import type { InstanceFacts, ServiceObserver } from './service-observer.js';
import { isRestless } from './service-plan.js';

/** What an operation on services acts by. */
export interface InstancePorts {
  readonly observer: ServiceObserver;
  readonly units: UnitManager;
  readonly journal: Pick<Journal, 'read'>;
  readonly clock: Clock;
}

/** One run of one instance that an operation began, or relies on. */
export interface InstanceRun {
  readonly facts: InstanceFacts;
  readonly invocation: string | null;
}

/** Milliseconds for a cgroup to empty after its unit has become inactive. */
const GONE_MS = 5_000;
/** Milliseconds between two tries. */
const AGAIN_MS = 100;
/** Milliseconds between two looks at what is about to be gone. */
const LOOK_MS = 20;
/** Milliseconds that the last lines of a failed run are waited for: while the run has not spoken, and while nothing has. */
const PATIENCE_MS = 1_000;
const WITHIN_MS = 3_000;
/** How many are told of. */
const LINES = 12;

interface Spared {
  readonly facts: InstanceFacts;
  readonly spared: readonly ProcessReading[];
}

const isDown = ({ activeState }: UnitReading): boolean => ['inactive', 'failed'].includes(activeState);

/** The steps from which operations are made. One instance per operation: it carries its record and signal. */
export class InstanceSteps {
  readonly #ports: InstancePorts;
  readonly #record: OperationRecord;
  readonly #signal: AbortSignal;
  readonly #units: PatientUnits;

  constructor(ports: InstancePorts, record: OperationRecord, signal: AbortSignal) {
    this.#ports = ports;
    this.#record = record;
    this.#signal = signal;
    this.#units = new PatientUnits(ports, signal);
  }

  /**
   * Starts the instance; answers with its run once systemd calls it active. `beforeSend` is called in the turn of the
   * send and may throw: then nothing is sent.
   */
  async start({ service, id }: InstanceFacts, beforeSend: () => void): Promise<InstanceRun> {
    const { observer, units } = this.#ports;
    const entry = observer.entry(service);
    if (!observer.instance(service, id).fresh) await this.#reconnected({ service, id });
    const facts = observer.instance(service, id);
    const { unit } = facts;
    // Sent now, the start would be counted twice against the start limit: at once and when the unit has ended (systemd 252).
    if (facts.knowledge?.reading.activeState === 'deactivating') {
      await this.#record.step(`wait for the end of ${unit}`, () => this.#settled(unit, entry.timeouts.stop));
    }
    const outcome = await this.#record.step(`start ${unit}`, async () => {
      this.#signal.throwIfAborted();
      beforeSend();
      this.#record.touch();
      return units.startUnit(unit, {
        deadlineMs: this.#startSeconds(service) * 1000 + JOB_GRACE_MS,
        signal: this.#signal,
      });
    });
    if (!isUp(outcome.reading)) throw await this.failure(facts, outcome, null);
    return { facts, invocation: outcome.reading.invocationId };
  }

  /**
   * Restarts the instance, with which nothing else ends, by one job of systemd: whatever becomes of the conductor meanwhile
   * does not leave it stopped. Answers with its new run once systemd calls it active. `beforeSend` as for a start.
   */
  async restart({ service, id }: InstanceFacts, beforeSend: () => void): Promise<InstanceRun> {
    const { observer, units } = this.#ports;
    if (!observer.instance(service, id).fresh) await this.#reconnected({ service, id });
    const facts = observer.instance(service, id);
    const { unit } = facts;
    const before = facts.knowledge?.reading.invocationId ?? null;
    const seconds = this.#startSeconds(service) + observer.entry(service).timeouts.stop;
    const outcome = await this.#record.step(`restart ${unit}`, async () => {
      this.#signal.throwIfAborted();
      beforeSend();
      this.#record.touch();
      return units.restartUnit(unit, { deadlineMs: seconds * 1000 + JOB_GRACE_MS, signal: this.#signal });
    });
    if (!isUp(outcome.reading)) throw await this.failure(facts, outcome, null);
    const { invocationId: invocation } = outcome.reading;
    if (invocation !== before) return { facts, invocation };
    throw new RoviError(
      'start-cancelled',
      `${unit} was not restarted: the job was lost, or replaced by another`,
      {
        mend: 'Look at the state, then decide.',
        context: { service, unit, job_result: outcome.result },
      },
    );
  }

  /** The error for an instance that is not up after its start, or no longer in the run `was` that had come up. */
  async failure(
    { service, unit }: InstanceFacts,
    { result, reading }: JobOutcome,
    was: Pick<InstanceRun, 'invocation'> | null,
  ): Promise<RoviError> {
    this.#signal.throwIfAborted();
    refuseUnloaded(service, unit, reading);
    const latest =
      reading.activeState === 'deactivating'
        ? await this.#settled(unit, this.#ports.observer.entry(service).timeouts.stop)
        : reading;
    const told = latest.invocationId === reading.invocationId ? latest : reading;
    const invocation = was === null ? told.invocationId : was.invocation;
    const { lines } =
      invocation === null
        ? { lines: [] }
        : await lastLines(
            this.#ports,
            { unit, invocation, lines: LINES, patienceMs: PATIENCE_MS, withinMs: WITHIN_MS },
            this.#signal,
          );
    const external = this.#ports.observer.entry(service).external !== undefined;
    return instanceStartFailure({ service, unit, result, reading: told, lines, external, was });
  }

  /** Fresh from systemd, in the order asked. */
  readings(units: readonly string[]): Promise<UnitReading[]> {
    return units.length === 0 ? Promise.resolve([]) : this.#units.read(...units);
  }

  /** What has begun is not ended half way because the bus is away for a moment. Resolves also when the time for that is over. */
  async #reconnected({ service, id }: Pick<InstanceFacts, 'service' | 'id'>): Promise<void> {
    const { clock, observer } = this.#ports;
    const until = clock.monotonic() + RECONNECT_MS;
    await this.#record.step('wait for the connection to systemd', async () => {
      while (!observer.instance(service, id).fresh && clock.monotonic() < until)
        await clock.sleep(AGAIN_MS, this.#signal);
    });
  }

  /** systemd's own limits: it starts again what the service wants and does not run. */
  #startSeconds(service: string): number {
    const { observer } = this.#ports;
    const all = [service, ...dependenciesOf(observer.services, service)];
    return all.reduce((sum, name) => sum + observer.entry(name).timeouts.start, 0);
  }

  /** The unit when it is no longer just ending, or as it is when the time for that is over. */
  async #settled(unit: string, stopSeconds: number): Promise<UnitReading> {
    const until = this.#ports.clock.monotonic() + stopSeconds * 1000 + JOB_GRACE_MS;
    for (;;) {
      const [reading] = await this.readings([unit]);
      if (reading === undefined) throw new RoviError('internal', `systemd did not answer for ${unit}`);
      if (reading.activeState !== 'deactivating' || this.#ports.clock.monotonic() >= until) return reading;
      await this.#ports.clock.sleep(LOOK_MS, this.#signal);
    }
  }

  /**
   * Sends a stop to each of these in this very turn, and proves that of them, and of what systemd stops with them, nothing
   * is left. `ends` are all of which something was there, these included.
   */
  async stop(targets: readonly InstanceFacts[], ends: readonly InstanceFacts[]): Promise<void> {
    const { observer } = this.#ports;
    const shown = targets.filter((facts) => isRestless(facts)).map(({ unit }) => unit);
    // systemd ends what requires them first, one after the other at worst.
    const allowed = new Set([...targets, ...ends].map(({ service }) => service));
    const seconds = [...allowed].reduce((sum, name) => sum + observer.entry(name).timeouts.stop, 0);
    const text = `stop ${shown.length === 0 ? (targets[0]?.unit ?? '') : shown.join(', ')}`;
    const outcomes = await this.#record.step(text, () =>
      Promise.allSettled(targets.map((facts) => this.#sendStop(facts, seconds * 1000 + JOB_GRACE_MS))),
    );
    const faults: unknown[] = outcomes.flatMap((one) =>
      one.status === 'rejected' ? [one.reason as unknown] : [],
    );
    for (const [index, one] of outcomes.entries()) {
      const facts = targets[index];
      if (one.status === 'fulfilled' && one.value !== null && facts !== undefined) {
        try {
          this.#judge(facts, one.value);
        } catch (fault) {
          faults.push(fault);
        }
      }
    }
    if (faults.length > 0) throw stopFailure(faults);
    const left = new Map(
      [...ends, ...targets.filter((_, at) => hadGroup(outcomes[at]))].map((one) => [one.unit, one]),
    );
    const gone = [...left.keys()];
    if (gone.length === 0) return;
    await this.#record.step(`prove ${gone.join(', ')} gone`, () => this.#proveGone([...left.values()]));
  }

  async #sendStop(facts: InstanceFacts, deadlineMs: number): Promise<JobOutcome | null> {
    const { clock, units } = this.#ports;
    const until = clock.monotonic() + deadlineMs;
    for (let attempt = 0; ; attempt += 1) {
      this.#signal.throwIfAborted();
      this.#record.touch();
      try {
        return await units.stopUnit(facts.unit, { deadlineMs, signal: this.#signal });
      } catch (error) {
        if (error instanceof RoviError && error.code === 'unit-missing' && !isRestless(facts)) return null;
        if (!isDestructive(error) || clock.monotonic() >= until) throw error;
      }
      if (attempt === 0)
        this.#record.warn(`somebody's irreversible job on ${facts.unit} is in the way: trying on`);
      await clock.sleep(AGAIN_MS, this.#signal);
    }
  }

  #judge({ service, unit, knowledge }: InstanceFacts, { result, reading }: JobOutcome): void {
    if (!isDown(reading)) {
      const text =
        result === 'canceled'
          ? `the stop of ${unit} was replaced by another job: it is ${reading.activeState}`
          : `${unit} did not stop: it is ${reading.activeState} (job ${result})`;
      throw notStopped(service, unit, text);
    }
    if (reading.result === 'timeout') {
      this.#record.warn(`${unit} did not end within its time and was killed`);
    } else if (reading.activeState === 'failed' && knowledge?.reading.activeState !== 'failed') {
      this.#record.warn(`${unit} did not end in good order: ${exitCauseOf(reading).text}`);
    }
  }

  /** Processes that a unit of the system leaves behind are so by its own KillMode=: nothing that a stop has to answer for. */
  #warnOfSpared({ facts, spared }: Spared): void {
    if (spared.length === 0) return;
    const named = spared.map(({ pid, comm }) => `${comm} (PID ${pid})`).join(', ');
    this.#record.warn(`${facts.unit} leaves processes running, as its own settings say: ${named}`);
  }

  async #proveGone(all: readonly InstanceFacts[]): Promise<void> {
    const { clock } = this.#ports;
    const until = clock.monotonic() + GONE_MS;
    let open = all;
    for (;;) {
      const readings = await this.#units.read(...open.map(({ unit }) => unit));
      const looks = await Promise.all(
        open.map(async (facts, index) => {
          const reading = readings[index];
          const down = reading !== undefined && isDown(reading) && reading.job === null;
          const left = await this.#units.processes(facts.unit);
          const own = this.#ports.observer.entry(facts.service).external === undefined;
          return { facts, reading, down, left: own ? left : [], spared: own ? [] : left };
        }),
      );
      const missing = looks.filter(({ down, left }) => !down || left.length > 0);
      const [first] = missing;
      if (first === undefined) return looks.forEach((look) => this.#warnOfSpared(look));
      if (clock.monotonic() >= until) {
        const { facts, down, reading, left } = first;
        if (!down) {
          const word = reading?.activeState ?? 'not known';
          throw notStopped(facts.service, facts.unit, `${facts.unit} did not stay stopped: it is ${word}`);
        }
        const named = left.map(({ pid, comm }) => `${comm} (PID ${pid})`).join(', ');
        throw new RoviError(
          'stop-incomplete',
          `${facts.unit} is inactive, but its cgroup still holds ${named}`,
          {
            mend: 'An admin ends these processes.',
            context: {
              service: facts.service,
              unit: facts.unit,
              processes: left.map(({ pid, comm }) => ({ pid, comm })),
            },
          },
        );
      }
      open = missing.map(({ facts }) => facts);
      await clock.sleep(LOOK_MS, this.#signal);
    }
  }
}

/** True where the unit had a control group left after its stop: then it is looked into. */
function hadGroup(outcome: PromiseSettledResult<JobOutcome | null> | undefined): boolean {
  return outcome?.status === 'fulfilled' && (outcome.value?.reading.controlGroup ?? '') !== '';
}

function notStopped(service: string, unit: string, text: string): RoviError {
  return new RoviError('stop-failed', text, {
    mend: `Stop it again; if that does not help, an admin looks at \`systemctl status ${unit}\`.`,
    context: { service, unit },
  });
}
