/**
 * What start, stop, restart and switch do to a robot, one step after the other.
 *
 * Rules every transition keeps:
 * - nothing is sent to systemd after the operation's signal has aborted (checked right before each send, in the
 *   same turn of the event loop, so a stop that aborts it is always the later message on the bus);
 * - an answer is never taken for the state: the unit is read again after each job;
 * - "gone" means unit inactive, no job, empty cgroup; before another stack starts also: lock free.
 */
import type { LogEntry, StackEntry, StackStatus } from '@rovi/contract';
import { RoviError, stackUnit } from '@rovi/contract';
import { exitCauseOf } from './exit-cause.js';
import type { Observer } from './observer.js';
import type { OperationRecord } from './operation-record.js';
import type { Clock } from './ports/clock.js';
import type { Journal } from './ports/journal.js';
import type { StackLock } from './ports/stack-lock.js';
import type { JobOutcome, UnitManager, UnitReading } from './ports/unit-manager.js';
import type { Policy } from './stack-status.js';
import { holderText, isUp, startFailure } from './start-failure.js';

export interface TransitionPorts {
  readonly policy: Policy;
  readonly units: UnitManager;
  readonly lock: StackLock;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly observer: Observer;
}

/** Milliseconds a D-Bus call that changes nothing may take. */
const CALL_MS = 5_000;
/** Milliseconds beyond systemd's own time limit until a job is no longer waited for. */
const JOB_GRACE_MS = 15_000;
/** Milliseconds for a cgroup to empty and the lock to fall after the unit has become inactive. */
const GONE_MS = 5_000;
/** Milliseconds between two tries. */
const AGAIN_MS = 100;
/** Milliseconds a read waits for a lost bus to come back. */
const RECONNECT_MS = 10_000;
/** Milliseconds the last lines of a failed run may take to be found. */
const LINES_MS = 1_000;
/** run_stack.sh's own time beside waiting for the lock: TimeoutStartSec= is the lock wait plus this. */
const RUNNER_MS = 10_000;

/** The steps from which operations are made. One instance per operation: it carries its record and signal. */
export class Transitions {
  readonly #ports: TransitionPorts;
  readonly #record: OperationRecord;
  readonly #signal: AbortSignal;

  constructor(ports: TransitionPorts, record: OperationRecord, signal: AbortSignal) {
    this.#ports = ports;
    this.#record = record;
    this.#signal = signal;
  }

  /** Starts the stack and waits until all its expected processes are there. */
  async start(stack: string): Promise<StackStatus> {
    const unit = stackUnit(stack);
    const entry = this.#entry(stack);
    // Sent now, the start would be counted twice against the start limit: at once and when the unit has ended (systemd 252).
    if (this.#ports.observer.status(stack).unit.active_state === 'deactivating') {
      await this.#record.step(`wait for the end of ${unit}`, async () => {
        const [reading] = await this.#read(unit);
        if (reading !== undefined) await this.#ended(stack, reading);
      });
    }
    const outcome = await this.#record.step(`start ${unit}`, async () => {
      this.#signal.throwIfAborted();
      this.#record.touch();
      return this.#ports.units.startUnit(unit, {
        deadlineMs: this.#ports.policy.lock_wait * 1000 + RUNNER_MS + JOB_GRACE_MS,
        signal: this.#signal,
      });
    });
    if (!isUp(outcome.reading)) throw await this.#startFailure(stack, outcome);
    return this.#complete(stack, entry);
  }

  /** Stops the stack and proves that nothing of it is left. */
  async stop(stack: string): Promise<void> {
    const unit = stackUnit(stack);
    const entry = this.#entry(stack);
    const { active_state: before } = this.#ports.observer.status(stack).unit;
    const outcome = await this.#record.step(`stop ${unit}`, () =>
      this.#sendStop(unit, entry.timeouts.stop * 1000 + JOB_GRACE_MS),
    );
    const { activeState, result } = outcome.reading;
    if (activeState !== 'inactive' && activeState !== 'failed') {
      throw new RoviError(
        'stop-failed',
        outcome.result === 'canceled'
          ? `the stop of ${stack} was replaced by another job: ${unit} is ${activeState}`
          : `${stack} did not stop: ${unit} is ${activeState} (job ${outcome.result})`,
        {
          mend: `Stop it again; if that does not help, an admin looks at \`systemctl status ${unit}\`.`,
          context: { stack, unit, job_result: outcome.result },
        },
      );
    }
    if (result === 'timeout') {
      this.#record.warn(`${stack} did not end within ${entry.timeouts.stop} s and was killed`);
    } else if (activeState === 'failed' && before !== 'failed') {
      this.#record.warn(`${stack} did not end in good order: ${exitCauseOf(outcome.reading).text}`);
    }
    await this.#record.step(`prove ${unit} gone`, () => this.#proveEmpty(stack));
  }

  /**
   * Sends the stop at once. Where somebody's irreversible job is in its way, it is sent again until that has ended: a
   * start job ends with its time limit at the latest.
   */
  async #sendStop(unit: string, deadlineMs: number): Promise<JobOutcome> {
    const { clock, units } = this.#ports;
    const until = clock.monotonic() + deadlineMs;
    for (let attempt = 0; ; attempt += 1) {
      this.#signal.throwIfAborted();
      this.#record.touch();
      try {
        return await units.stopUnit(unit, { deadlineMs, signal: this.#signal });
      } catch (error) {
        if (!isDestructive(error) || clock.monotonic() >= until) throw error;
      }
      if (attempt === 0) this.#record.warn(`somebody's irreversible job on ${unit} is in the way: trying on`);
      await clock.sleep(AGAIN_MS, this.#signal);
    }
  }

  /** A read that survives the loss of the bus: asked again until the connection is back. */
  async #patiently<T>(read: () => Promise<T>): Promise<T> {
    const { clock } = this.#ports;
    const until = clock.monotonic() + RECONNECT_MS;
    for (;;) {
      try {
        return await read();
      } catch (error) {
        const lost = error instanceof RoviError && error.code === 'bus-unavailable';
        if (!lost || clock.monotonic() >= until) throw error;
      }
      await clock.sleep(AGAIN_MS, this.#signal);
    }
  }

  /** Waits until the stack lock can be had, so that the next start need not wait for it. */
  async proveLockFree(): Promise<void> {
    await this.#record.step('prove the stack lock free', async () => {
      const until = this.#ports.clock.monotonic() + GONE_MS;
      while (!(await this.#ports.lock.isFree())) {
        if (this.#ports.clock.monotonic() >= until) {
          const holders = await this.#ports.lock.holders();
          throw new RoviError('lock-lost', `the stack lock is held by ${holderText(holders)}`, {
            mend: 'Something outside the conductor took the lock. End it, then try again.',
            context: { holders },
          });
        }
        await this.#ports.clock.sleep(20, this.#signal);
      }
    });
  }

  /** Refuses a switch that cannot succeed, before anything is stopped. */
  async preflight(stack: string, from: string | null): Promise<void> {
    await this.#record.step('preflight', async () => {
      const unit = stackUnit(stack);
      const [reading, before] = await this.#read(unit, ...(from === null ? [] : [stackUnit(from)]));
      if (reading !== undefined) refuseUnloaded(stack, unit, reading);
      if (before !== undefined && before.loadState !== 'loaded') {
        this.#record.warn(`${before.unit} is ${before.loadState}: there is no going back to ${from ?? ''}`);
      }
      const gateway = this.#ports.observer.gateway;
      if (gateway !== null && gateway.active_state !== 'active') {
        throw new RoviError(
          'gateway-down',
          `rovi-gateway.service is ${gateway.active_state}: no stack can start`,
          {
            mend: 'An admin starts it: `systemctl start rovi-gateway.service`.',
          },
        );
      }
      const foreign = (await this.#ports.lock.holders()).filter(
        (holder) => from === null || holder.unit !== stackUnit(from),
      );
      if (foreign.length > 0) {
        throw new RoviError('lock-lost', `the stack lock is held by ${holderText(foreign)}`, {
          mend: 'Something outside the conductor holds the robot. End it, then try again; nothing was changed.',
          context: { holders: foreign },
        });
      }
    });
  }

  /** The stacks that systemd, asked afresh, does not call inactive or failed. */
  async activeStacks(): Promise<string[]> {
    const names = Object.keys(this.#ports.policy.stacks);
    const readings = await this.#read(...names.map(stackUnit));
    return names.filter((_, index) => {
      const reading = readings[index];
      return (
        reading !== undefined &&
        (reading.job !== null || !['inactive', 'failed'].includes(reading.activeState))
      );
    });
  }

  /** Fresh from systemd, also across a reconnection. */
  #read(...units: string[]): Promise<UnitReading[]> {
    return this.#patiently(() =>
      this.#ports.units.readUnits(units, { deadlineMs: CALL_MS, signal: this.#signal }),
    );
  }

  #entry(stack: string): StackEntry {
    const entry = this.#ports.policy.stacks[stack];
    if (entry === undefined)
      throw new RoviError('stack-unknown', `there is no stack "${stack}" in the catalog`);
    return entry;
  }

  /** After the start job: waits for the expected processes, and fails with the unit if that ends first. */
  async #complete(stack: string, entry: StackEntry): Promise<StackStatus> {
    const { observer } = this.#ports;
    const unit = stackUnit(stack);
    if (entry.processes.length === 0) return observer.status(stack);
    const ended = (status: StackStatus) =>
      status.state === 'FAILED' || status.state === 'STOPPED' || status.state === 'STOPPING';
    const whole = (status: StackStatus) =>
      status.state === 'RUNNING' && status.expected.every(({ present }) => present === true);
    const until = this.#ports.clock.monotonic() + entry.timeouts.start * 1000;
    const status = await this.#record.step(`wait for ${entry.processes.join(', ')}`, async () => {
      for (;;) {
        const now = await observer.waitFor(stack, (seen) => whole(seen) || ended(seen), {
          deadlineMs: Math.max(0, until - this.#ports.clock.monotonic()),
          signal: this.#signal,
        });
        if (now === null || whole(now)) return now;
        // What the observer shows may be older than the job's end: only systemd's own word counts as the end.
        const [reading] = await this.#read(unit);
        if (reading !== undefined && !isUp(reading)) {
          throw await this.#startFailure(stack, { result: 'failed', reading });
        }
        await this.#ports.clock.sleep(20, this.#signal);
      }
    });
    if (status !== null) return status;
    const latest = observer.status(stack);
    if (whole(latest)) return latest;
    if (!observer.bus.connected || latest.expected.some(({ present }) => present === null)) {
      throw new RoviError(
        'bus-unavailable',
        `${stack} was started, but after ${entry.timeouts.start} s its processes could not be looked at: ${latest.verdict.text}`,
        {
          mend: 'Look at the state when systemd can be asked again: `rovictl status`. The stack is left as it is.',
          context: { stack, unit },
        },
      );
    }
    const missing = latest.expected.filter(({ present }) => present !== true).map(({ name }) => name);
    throw new RoviError(
      'processes-missing',
      `${stack} is up, but after ${entry.timeouts.start} s ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not there`,
      {
        mend: `Read the log: \`rovictl logs ${stack}\`. The stack is left as it is: stop it, or use it knowingly.`,
        context: { stack, unit, missing, lines: await this.#lastLines(unit, latest.unit.invocation_id) },
      },
    );
  }

  async #startFailure(stack: string, outcome: JobOutcome): Promise<RoviError> {
    this.#signal.throwIfAborted();
    const unit = stackUnit(stack);
    const { result } = outcome;
    refuseUnloaded(stack, unit, outcome.reading);
    // Where systemd refused to run it, there is no run to wait for.
    const refused = outcome.reading.result === 'start-limit-hit';
    const reading = refused ? outcome.reading : await this.#ended(stack, outcome.reading);
    const [lines, holders] = await Promise.all([
      this.#lastLines(unit, reading.invocationId),
      this.#ports.lock.holders().catch(() => []),
    ]);
    return startFailure({ stack, unit, result, reading, lines, holders });
  }

  /**
   * Waits until nothing is left of this run of the unit (ExecStopPost=, the last processes), or another has begun.
   * Answers with the run's last reading. A failed start is over only then: until then the stack holds the robot.
   */
  async #ended(stack: string, reading: UnitReading): Promise<UnitReading> {
    const { observer } = this.#ports;
    await observer.waitFor(
      stack,
      ({ unit }) => unit.invocation_id !== reading.invocationId || !observer.restless.includes(stack),
      { deadlineMs: this.#entry(stack).timeouts.stop * 1000 + JOB_GRACE_MS, signal: this.#signal },
    );
    const [latest] = await this.#read(stackUnit(stack));
    return latest?.invocationId === reading.invocationId ? latest : reading;
  }

  /** The last journal lines of one run. The journal may be a moment behind the job: asked again while it is empty. */
  async #lastLines(unit: string, invocation: string | null): Promise<LogEntry[]> {
    if (invocation === null) return [];
    const { journal, clock } = this.#ports;
    const enough = new AbortController();
    const signal = AbortSignal.any([this.#signal, enough.signal]);
    const until = clock.monotonic() + LINES_MS;
    clock.sleep(LINES_MS, signal).then(
      () => enough.abort(),
      () => undefined,
    );
    let lines: LogEntry[] = [];
    try {
      while (clock.monotonic() < until) {
        lines = await journal.read({ unit, invocation, lines: 12 }, signal);
        if (lines.some(({ transport }) => transport !== 'journal')) break;
        await clock.sleep(40, signal);
      }
    } catch {
      // The failure itself matters more than its log; the message says where to read that.
    } finally {
      enough.abort();
    }
    return lines;
  }

  async #proveEmpty(stack: string): Promise<void> {
    const { units, clock } = this.#ports;
    const unit = stackUnit(stack);
    const until = clock.monotonic() + GONE_MS;
    for (;;) {
      const left = await this.#patiently(() =>
        units.listProcesses(unit, { deadlineMs: CALL_MS, signal: this.#signal }),
      );
      if (left.length === 0) return;
      if (clock.monotonic() >= until) {
        const named = left.map(({ pid, comm }) => `${comm} (PID ${pid})`).join(', ');
        throw new RoviError('stop-incomplete', `${unit} is inactive, but its cgroup still holds ${named}`, {
          mend: 'The robot may still be driven. Use the e-stop, then end these processes as an admin.',
          context: { stack, unit, processes: left.map(({ pid, comm }) => ({ pid, comm })) },
        });
      }
      await clock.sleep(20, this.#signal);
    }
  }
}

/** True where systemd refused a job because one that cannot be replaced is queued. */
function isDestructive(error: unknown): boolean {
  return (
    error instanceof RoviError && String(error.context['dbus_error']).endsWith('.TransactionIsDestructive')
  );
}

function refuseUnloaded(stack: string, unit: string, reading: UnitReading): void {
  if (reading.loadState === 'loaded') return;
  if (reading.loadState === 'masked') {
    throw new RoviError('unit-masked', `${unit} is masked: ${stack} cannot start`, {
      mend: `An admin unmasks it: \`systemctl unmask ${unit}\`.`,
      context: { stack, unit },
    });
  }
  throw new RoviError('unit-missing', `${unit} is not installed (systemd says ${reading.loadState})`, {
    mend: 'Install the units of this catalog: `install.sh`; `rovictl doctor` shows what is missing.',
    context: { stack, unit, load_state: reading.loadState },
  });
}
