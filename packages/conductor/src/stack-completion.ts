/**
 * What makes a started stack a running one: all its expected processes are there at once (`timeouts.start`), and then
 * it stays whole for `timeouts.settle`. Most of what cannot run dies in its first moments; an operator, and a switch
 * that could still go back, shall not take it for running until then (docs/decisions/0014).
 */
import type { StackEntry, StackStatus } from '@rovi/contract';
import { RoviError, stackUnit } from '@rovi/contract';
import type { OperationRecord } from './operation-record.js';
import { PatientUnits, RECONNECT_MS } from './patient-units.js';
import type { UnitReading } from './ports/unit-manager.js';
import { RunEnd } from './run-end.js';
import { isUp } from './start-failure.js';
import type { TransitionPorts } from './transition-ports.js';

/** Milliseconds between two looks at what may be older than the last one. */
const AGAIN_MS = 20;
/** Milliseconds in which a launch that loses a required process has itself come to its end. */
const DOWN_MS = 2_000;

/** Waits for one started stack. One instance per operation: it carries its record and signal. */
export class StackCompletion {
  readonly #ports: TransitionPorts;
  readonly #record: OperationRecord;
  readonly #signal: AbortSignal;
  readonly #units: PatientUnits;
  readonly #end: RunEnd;

  constructor(ports: TransitionPorts, record: OperationRecord, signal: AbortSignal) {
    this.#ports = ports;
    this.#record = record;
    this.#signal = signal;
    this.#units = new PatientUnits(ports, signal);
    this.#end = new RunEnd(ports, signal);
  }

  /** Waits until the stack is whole and has stayed so. `started` is the unit as it was after its start job. */
  async reach(stack: string, entry: StackEntry, started: UnitReading): Promise<StackStatus> {
    if (entry.processes.length > 0) await this.#complete(stack, entry, started);
    if (entry.timeouts.settle > 0) {
      await this.#record.step(`watch ${stack} for ${entry.timeouts.settle} s`, () =>
        this.#settle(stack, entry, started),
      );
    }
    return this.#ports.observer.status(stack);
  }

  /** Waits for the expected processes, and fails with the unit if that ends first. */
  async #complete(stack: string, entry: StackEntry, started: UnitReading): Promise<void> {
    const { observer, clock } = this.#ports;
    const until = clock.monotonic() + entry.timeouts.start * 1000;
    const status = await this.#record.step(`wait for ${entry.processes.join(', ')}`, async () => {
      for (;;) {
        const now = await observer.waitFor(stack, (seen) => isWhole(seen) || hasEnded(seen), {
          deadlineMs: Math.max(0, until - clock.monotonic()),
          signal: this.#signal,
        });
        if (now === null || isWhole(now)) return now;
        // What the observer shows may be older than the job's end: only systemd's own word counts as the end.
        const ended = await this.#unitEnd(stack, started);
        if (ended !== null) throw ended;
        await clock.sleep(AGAIN_MS, this.#signal);
      }
    });
    const latest = status ?? observer.status(stack);
    if (isWhole(latest)) return;
    if (!observer.bus.connected || latest.expected.some(({ present }) => present === null)) {
      throw this.#unseen(latest, `after ${entry.timeouts.start} s`);
    }
    const missing = absentOf(latest);
    throw await this.#incomplete(latest, missing, {
      text: `${stack} is up, but after ${entry.timeouts.start} s ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not there`,
    });
  }

  /** Watches the whole stack: it must stay so, in this run of its unit. */
  async #settle(stack: string, entry: StackEntry, started: UnitReading): Promise<void> {
    const { observer, clock } = this.#ports;
    const { settle } = entry.timeouts;
    const until = clock.monotonic() + settle * 1000;
    for (;;) {
      const seen = await observer.waitFor(stack, (status) => !isWhole(status), {
        deadlineMs: Math.max(0, until - clock.monotonic()),
        signal: this.#signal,
      });
      if (seen === null) return;
      const ended = await this.#unitEnd(stack, started, `${settle} s`);
      if (ended !== null) throw ended;
      const lost = absentOf(seen);
      if (lost.length > 0) throw await this.#loss(seen, lost, { started, settle });
      // Not an end, but not seen to be whole: the bus is lost, or what the observer shows is older than the start.
      if (clock.monotonic() >= until + RECONNECT_MS) throw this.#unseen(seen, `within ${settle} s`);
      await clock.sleep(AGAIN_MS, this.#signal);
    }
  }

  /** The error for a whole stack that lost processes: that of its unit where it ends with them. */
  async #loss(
    seen: StackStatus,
    lost: readonly string[],
    { started, settle }: { started: UnitReading; settle: number },
  ): Promise<RoviError> {
    const { observer, clock } = this.#ports;
    const until = clock.monotonic() + DOWN_MS;
    for (;;) {
      const ended = await observer.waitFor(seen.name, hasEnded, {
        deadlineMs: Math.max(0, until - clock.monotonic()),
        signal: this.#signal,
      });
      const failure = await this.#unitEnd(seen.name, started, `${settle} s`);
      if (failure !== null) return failure;
      if (ended === null || clock.monotonic() >= until) break;
      await clock.sleep(AGAIN_MS, this.#signal);
    }
    return this.#incomplete(observer.status(seen.name), lost, {
      text: `${seen.name} came up, but ${lost.join(', ')} ended within ${settle} s`,
    });
  }

  /** The error for a run that is over, whoever ended it; null while the unit is up in that run. */
  async #unitEnd(
    stack: string,
    started: UnitReading,
    endedWithin: string | null = null,
  ): Promise<RoviError | null> {
    const [reading] = await this.#units.read(stackUnit(stack));
    if (reading === undefined) return null;
    const same = reading.invocationId === started.invocationId;
    if (same && isUp(reading)) return null;
    // Who ended it is known when it has ended: the signal may come after the reading.
    const last = await this.#end.last(stack, same ? reading : started);
    // A new run is somebody's doing as well.
    const asked = !same || this.#ports.observer.endedOnRequest(stack, started.invocationId);
    return this.#end.startFailure(
      stack,
      { result: asked ? 'canceled' : 'failed', reading: last },
      endedWithin,
    );
  }

  async #incomplete(
    status: StackStatus,
    missing: readonly string[],
    { text }: { text: string },
  ): Promise<RoviError> {
    const { name: stack, unit } = status;
    // The launch runs on.
    const lines = await this.#end.lines(unit.unit, unit.invocation_id, { ended: false });
    return new RoviError('processes-missing', text, {
      mend: `Read the log: \`rovictl logs ${stack}\`. The stack is left as it is: stop it, or use it knowingly.`,
      context: { stack, unit: unit.unit, missing, lines },
    });
  }

  #unseen({ name: stack, unit, verdict }: StackStatus, when: string): RoviError {
    return new RoviError(
      'bus-unavailable',
      `${stack} was started, but ${when} its processes could not be looked at: ${verdict.text}`,
      {
        mend: 'Look at the state when systemd can be asked again: `rovictl status`. The stack is left as it is.',
        context: { stack, unit: unit.unit },
      },
    );
  }
}

function hasEnded({ state }: StackStatus): boolean {
  return state === 'FAILED' || state === 'STOPPED' || state === 'MAINTENANCE' || state === 'STOPPING';
}

function isWhole({ state, expected }: StackStatus): boolean {
  return state === 'RUNNING' && expected.every(({ present }) => present === true);
}

/** Expected processes that are known not to be there. */
function absentOf({ expected }: StackStatus): string[] {
  return expected.filter(({ present }) => present === false).map(({ name }) => name);
}
