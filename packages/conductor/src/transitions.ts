/**
 * What start, stop, restart and switch do to a robot, one step after the other.
 *
 * Rules every transition keeps:
 * - nothing is sent to systemd after the operation's signal has aborted (checked right before each send, in the
 *   same turn of the event loop, so a stop that aborts it is always the later message on the bus);
 * - an answer is never taken for the state: the unit is read again after each job;
 * - "gone" means unit inactive, no job, empty cgroup; before another stack starts also: lock free.
 */
import type { StackEntry, StackStatus } from '@rovi/contract';
import { RoviError, RUNNER_SECONDS, stackUnit } from '@rovi/contract';
import { isDestructive } from './destructive-job.js';
import { exitCauseOf } from './exit-cause.js';
import { StartedAgain } from './operation-errors.js';
import type { OperationRecord } from './operation-record.js';
import { PatientUnits } from './patient-units.js';
import type { JobOutcome } from './ports/unit-manager.js';
import { JOB_GRACE_MS, RunEnd } from './run-end.js';
import { StackCompletion } from './stack-completion.js';
import { holderText, isUp, refuseUnloaded } from './start-failure.js';
import type { TransitionPorts } from './transition-ports.js';

/** Milliseconds for a cgroup to empty and the lock to fall after the unit has become inactive. */
const GONE_MS = 5_000;
/** Milliseconds between two tries. */
const AGAIN_MS = 100;

/** The steps from which operations are made. One instance per operation: it carries its record and signal. */
export class Transitions {
  readonly #ports: TransitionPorts;
  readonly #record: OperationRecord;
  readonly #signal: AbortSignal;
  readonly #units: PatientUnits;
  readonly #end: RunEnd;
  readonly #completion: StackCompletion;

  constructor(ports: TransitionPorts, record: OperationRecord, signal: AbortSignal) {
    this.#ports = ports;
    this.#record = record;
    this.#signal = signal;
    this.#units = new PatientUnits(ports, signal);
    this.#end = new RunEnd(ports, signal);
    this.#completion = new StackCompletion(ports, record, signal);
  }

  /** Starts the stack and waits until it is whole and has stayed so for its time to settle. */
  async start(stack: string): Promise<StackStatus> {
    const unit = stackUnit(stack);
    const entry = this.#entry(stack);
    // Sent now, the start would be counted twice against the start limit: at once and when the unit has ended (systemd 252).
    if (this.#ports.observer.status(stack).unit.active_state === 'deactivating') {
      await this.#record.step(`wait for the end of ${unit}`, async () => {
        const [reading] = await this.#units.read(unit);
        if (reading !== undefined) await this.#end.last(stack, reading);
      });
    }
    const outcome = await this.#record.step(`start ${unit}`, async () => {
      this.#signal.throwIfAborted();
      this.#record.touch();
      return this.#ports.units.startUnit(unit, {
        // systemd's own limit, TimeoutStartSec=, and then some.
        deadlineMs: (this.#ports.policy.lock_wait + RUNNER_SECONDS) * 1000 + JOB_GRACE_MS,
        signal: this.#signal,
      });
    });
    if (!isUp(outcome.reading)) throw await this.#end.startFailure(stack, outcome);
    return this.#completion.reach(stack, entry, outcome.reading);
  }

  /** Stops the stack and proves that nothing of it is left. */
  async stop(stack: string): Promise<void> {
    const unit = stackUnit(stack);
    const entry = this.#entry(stack);
    const { active_state: before } = this.#ports.observer.status(stack).unit;
    const outcome = await this.#record.step(`stop ${unit}`, () =>
      this.#sendStop(unit, entry.timeouts.stop * 1000 + JOB_GRACE_MS),
    );
    const { activeState, result, invocationId, job } = outcome.reading;
    if (activeState !== 'inactive' && activeState !== 'failed') {
      const replaced = outcome.result === 'canceled';
      const again = isComingUp(activeState) || job?.type === 'start' || job?.type === 'restart';
      throw new (replaced && again ? StartedAgain : RoviError)(
        'stop-failed',
        replaced
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
    await this.#record.step(`prove ${unit} gone`, () => this.#proveEmpty(stack, invocationId));
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
      const [reading, before] = await this.#units.read(unit, ...(from === null ? [] : [stackUnit(from)]));
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

  /** Whether systemd, asked afresh, calls the stack active: what was seen of it may have ended since. */
  async isActive(stack: string): Promise<boolean> {
    const [reading] = await this.#units.read(stackUnit(stack));
    return reading !== undefined && isUp(reading);
  }

  /** The stacks that systemd, asked afresh, does not call inactive or failed. */
  async activeStacks(): Promise<string[]> {
    const names = Object.keys(this.#ports.policy.stacks);
    const readings = await this.#units.read(...names.map(stackUnit));
    return names.filter((_, index) => {
      const reading = readings[index];
      return (
        reading !== undefined &&
        (reading.job !== null || !['inactive', 'failed'].includes(reading.activeState))
      );
    });
  }

  #entry(stack: string): StackEntry {
    const entry = this.#ports.policy.stacks[stack];
    if (entry === undefined)
      throw new RoviError('stack-unknown', `there is no stack "${stack}" in the catalog`);
    return entry;
  }

  /** Waits until nothing is left of the run that was stopped; throws `stop-failed` where somebody has begun another. */
  async #proveEmpty(stack: string, stopped: string | null): Promise<void> {
    const { clock, observer } = this.#ports;
    const unit = stackUnit(stack);
    const until = clock.monotonic() + GONE_MS;
    for (;;) {
      const left = await this.#units.processes(unit);
      if (left.length === 0) return;
      const { invocation_id: now, active_state: state } = observer.status(stack).unit;
      if (now !== stopped && isComingUp(state)) {
        throw new StartedAgain(
          'stop-failed',
          `${stack} was stopped, but started again: ${unit} is ${state}`,
          {
            mend: 'Somebody else started it at the same time. Stop it again.',
            context: { stack, unit },
          },
        );
      }
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

/** Whether somebody has started the unit, as far as its state tells. */
function isComingUp(activeState: string): boolean {
  return ['activating', 'active', 'reloading'].includes(activeState);
}
