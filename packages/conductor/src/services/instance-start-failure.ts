import type { LogEntry } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { exitCauseOf } from '../exit-cause.js';
import type { JobOutcome, UnitReading } from '../ports/unit-manager.js';

/** What was found out about a start that did not lead to an active unit, or to one that did not last. */
export interface InstanceStartFacts {
  readonly service: string;
  readonly unit: string;
  readonly result: JobOutcome['result'];
  readonly reading: UnitReading;
  /** The last journal lines of that run. */
  readonly lines: readonly LogEntry[];
  /** Whether others than Rovi made the unit: then an assertion of it is none of Rovi's maintenance. */
  readonly external: boolean;
  /** The run that had come up first; null where none had. */
  readonly was: { readonly invocation: string | null } | null;
}

/** The error for an instance that did not start, or ended before its start counted as done. */
export function instanceStartFailure(facts: InstanceStartFacts): RoviError {
  const { service, unit, reading, result, was } = facts;
  const cause = exitCauseOf(reading);
  const context = {
    service,
    unit,
    invocation_id: was === null ? reading.invocationId : was.invocation,
    job_result: result,
    exit: cause,
    lines: facts.lines.map(({ at, identifier, message }) => ({ at, identifier, message })),
  };
  if (result === 'dependency') {
    return new RoviError(
      'dependency-failed',
      `${unit} was not started: systemd could not start what it needs`,
      {
        mend: `See which: \`systemctl list-dependencies ${unit}\`.`,
        context,
      },
    );
  }
  if (reading.result === 'start-limit-hit') {
    return new RoviError('start-limit', `${unit} was started too often in a short time: systemd refuses`, {
      mend: `Find out why it keeps ending (\`rovictl logs ${service}\`), then wait until the window has passed, or clear it: \`rovictl recover\`.`,
      context,
    });
  }
  if (result === 'assert' && !facts.external) {
    return new RoviError('in-maintenance', `${unit} was not started: an assertion of the unit is not met`, {
      mend: `Something, or the robot, was put in maintenance meanwhile: \`rovictl status\`, \`systemctl status ${unit}\`.`,
      context,
    });
  }
  if (result === 'assert' || result === 'skipped' || (result === 'done' && !reading.conditionResult)) {
    return new RoviError('start-skipped', `${unit} was not started: a condition of it is not met`, {
      mend: `See which: \`systemctl status ${unit}\`.`,
      context,
    });
  }
  if (result === 'canceled') {
    return new RoviError('start-cancelled', `the start of ${unit} was replaced by another job`, {
      mend: 'Somebody else stopped or restarted the unit meanwhile: look at the state, then decide.',
      context,
    });
  }
  return new RoviError('start-failed', `${unit} ${endText(facts, cause.text)}`, {
    mend: `Read the log: \`rovictl logs ${service}\`.`,
    context,
  });
}

function endText({ was, reading }: InstanceStartFacts, cause: string): string {
  if (was !== null && was.invocation !== reading.invocationId)
    return 'came up, but ended, and was started again since';
  const again = reading.subState === 'auto-restart' ? '; systemd tries it again' : '';
  return `${was === null ? 'did not start' : 'came up, but ended'}: ${cause}${again}`;
}
