import type { LogEntry, RoviError } from '@rovi/contract';
import { stackUnit } from '@rovi/contract';
import { lastLines } from './last-lines.js';
import { inMaintenance } from './maintenance-refusal.js';
import { PatientUnits } from './patient-units.js';
import type { JobOutcome, UnitReading } from './ports/unit-manager.js';
import { refuseUnloaded, startFailure } from './start-failure.js';
import type { TransitionPorts } from './transition-ports.js';

/** Milliseconds beyond systemd's own time limit until a job is no longer waited for. */
export const JOB_GRACE_MS = 15_000;
/** Milliseconds that the last lines of a failed run are waited for: while they are not whole, and while there are none. */
const PATIENCE_MS = 1_000;
const WITHIN_MS = 3_000;
/** How many are told of. */
const LINES = 12;

/** How a run of a stack's unit ended: waits for its very end, and finds out why. */
export class RunEnd {
  readonly #ports: TransitionPorts;
  readonly #units: PatientUnits;
  readonly #signal: AbortSignal;

  constructor(ports: TransitionPorts, signal: AbortSignal) {
    this.#ports = ports;
    this.#units = new PatientUnits(ports, signal);
    this.#signal = signal;
  }

  /**
   * Waits until nothing is left of this run of the unit (ExecStopPost=, the last processes), or another has begun.
   * Answers with the run's last reading. A failed start is over only then: until then the stack holds the robot.
   */
  async last(stack: string, reading: UnitReading): Promise<UnitReading> {
    const { observer, policy } = this.#ports;
    const stopMs = (policy.stacks[stack]?.timeouts.stop ?? 0) * 1000;
    await observer.waitFor(
      stack,
      ({ unit }) => unit.invocation_id !== reading.invocationId || !observer.restless.includes(stack),
      { deadlineMs: stopMs + JOB_GRACE_MS, signal: this.#signal },
    );
    const [latest] = await this.#units.read(stackUnit(stack));
    return latest?.invocationId === reading.invocationId ? latest : reading;
  }

  /** The error for a start after which the unit is not up; `endedWithin` for one that was up first, as `startFailure` has it. */
  async startFailure(
    stack: string,
    outcome: JobOutcome,
    endedWithin: string | null = null,
  ): Promise<RoviError> {
    this.#signal.throwIfAborted();
    const unit = stackUnit(stack);
    const { result } = outcome;
    refuseUnloaded(stack, unit, outcome.reading);
    if (result === 'assert') {
      // systemd saw a mark that somebody set past the conductor, or a moment ago.
      await this.#ports.maintenance.refresh();
      const held = this.#ports.maintenance.of(stack);
      if (held !== null) return inMaintenance(stack, held);
    }
    // Where systemd refused to run it, there is no run to wait for.
    const refused = outcome.reading.result === 'start-limit-hit';
    const reading = refused ? outcome.reading : await this.last(stack, outcome.reading);
    const [lines, holders] = await Promise.all([
      this.lines(unit, reading.invocationId, { ended: true }),
      this.#ports.lock.holders().catch(() => []),
    ]);
    return startFailure({ stack, unit, result, reading, lines, holders, endedWithin });
  }

  /** The last journal lines of one run. The journal may be a moment behind the job: asked again while they are not whole. */
  async lines(
    unit: string,
    invocation: string | null,
    { ended }: { readonly ended: boolean },
  ): Promise<readonly LogEntry[]> {
    if (invocation === null) return [];
    // Why they may be missing is nobody's concern here: the message says where to read them.
    const { lines } = await lastLines(
      this.#ports,
      { unit, invocation, lines: LINES, ended, patienceMs: PATIENCE_MS, withinMs: WITHIN_MS },
      this.#signal,
    );
    return lines;
  }
}
