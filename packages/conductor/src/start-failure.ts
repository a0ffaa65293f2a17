import type { LogEntry } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { exitCauseOf, lostTheLock } from './exit-cause.js';
import type { LockHolder } from './ports/stack-lock.js';
import type { JobOutcome, UnitReading } from './ports/unit-manager.js';

/** What was found out about a start that did not lead to an active unit. */
export interface StartFacts {
  readonly stack: string;
  readonly unit: string;
  readonly result: JobOutcome['result'];
  readonly reading: UnitReading;
  /** The last journal lines of that invocation. */
  readonly lines: readonly LogEntry[];
  /** Who holds the stack lock now; only asked where the start lost it. */
  readonly holders: readonly LockHolder[];
  /** Within which time it ended, for a stack that had come up whole before; null for one that had not. */
  readonly endedWithin: string | null;
}

/** How run_stack.sh begins what it says. */
const RUNNER = 'run_stack: ';

/** How a holder of the lock is named to people. */
export function holderText(holders: readonly LockHolder[]): string {
  if (holders.length === 0) return 'a process this user may not see, or one that is gone already';
  return holders
    .map(({ pid, comm, unit }) => `PID ${pid} (${comm}${unit === null ? '' : `, ${unit}`})`)
    .join(', ');
}

/** Throws where systemd has no such unit to start: `unit-missing`, `unit-masked`. */
export function refuseUnloaded(stack: string, unit: string, reading: UnitReading): void {
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

/** True if the unit is up after its start job. */
export function isUp(reading: UnitReading): boolean {
  return reading.activeState === 'active' || reading.activeState === 'reloading';
}

/** The error for a start job after which the unit is not active. */
export function startFailure(facts: StartFacts): RoviError {
  const { stack, unit, reading } = facts;
  const cause = exitCauseOf(reading);
  const context = {
    stack,
    unit,
    invocation_id: reading.invocationId,
    job_result: facts.result,
    exit: cause,
    lines: facts.lines.map(({ at, identifier, message }) => ({ at, identifier, message })),
  };
  if (facts.result === 'dependency') {
    return new RoviError('gateway-down', `${stack} was not started: rovi-gateway.service is not active`, {
      mend: 'An admin starts it: `systemctl start rovi-gateway.service`; see `systemctl status rovi-gateway.service`.',
      context,
    });
  }
  if (reading.result === 'start-limit-hit') {
    return new RoviError('start-limit', `${stack} was started too often in a short time: systemd refuses`, {
      mend:
        'Wait until the window has passed and find out why it keeps ending; an admin can clear it at once: `systemctl reset-failed ' +
        unit +
        '`.',
      context,
    });
  }
  if (lostTheLock(reading)) {
    return new RoviError('lock-lost', lockLostText(facts), {
      mend: 'Something else drives the robot. Stop the holder, then start again.',
      context: { ...context, holders: facts.holders },
    });
  }
  if (
    facts.result === 'assert' ||
    facts.result === 'skipped' ||
    (facts.result === 'done' && !reading.conditionResult)
  ) {
    return new RoviError('start-skipped', `${stack} was not started: a condition of ${unit} is not met`, {
      mend: `See which: \`systemctl status ${unit}\`.`,
      context,
    });
  }
  if (facts.result === 'canceled') {
    const text =
      facts.endedWithin === null
        ? `the start of ${stack} was replaced by another job on ${unit}`
        : `${stack} came up, but another job on ${unit} ended it within ${facts.endedWithin}`;
    return new RoviError('start-cancelled', text, {
      mend: 'Somebody else stopped or restarted the unit meanwhile: look at the state, then decide.',
      context,
    });
  }
  const text =
    facts.endedWithin === null
      ? `${stack} did not start: ${cause.text}`
      : `${stack} came up, but ended within ${facts.endedWithin}: ${cause.text}`;
  return new RoviError('start-failed', text, {
    mend: `Read the log: \`rovictl logs ${stack}\`.`,
    context,
  });
}

/** Where nobody holds the lock now, the runner knows more: it also waits for processes that have let go of it. */
function lockLostText({ stack, holders, lines }: StartFacts): string {
  const said = lines.findLast(({ message }) => message.startsWith(RUNNER))?.message.slice(RUNNER.length);
  if (holders.length === 0 && said !== undefined) return said;
  return `${stack} did not get the stack lock: held by ${holderText(holders)}`;
}
