import type { ExitCause, FailureReport, StackStatus } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { lastLines } from './last-lines.js';
import { mendSteps } from './mend.js';
import type { Clock } from './ports/clock.js';
import type { Journal } from './ports/journal.js';
import type { Policy } from './stack-status.js';

/** Lines that a report has at most. */
const LINES = 40;
/** Milliseconds that the journal may take. */
const WITHIN_MS = 3_000;
/** Milliseconds after an end during which the journal may still be behind, and for which it is then asked again. */
const FRESH_MS = 2_000;
const PATIENCE_MS = 1_000;

interface Ports {
  readonly policy: Policy;
  readonly journal: Journal;
  readonly clock: Clock;
}

/** Why the stack's last run ended, with its last lines and what to do. Never rejects: the report says what is missing. */
export async function failureReport(
  ports: Ports,
  { name, unit }: StackStatus,
  cause: ExitCause,
): Promise<FailureReport> {
  const { policy, clock } = ports;
  const { invocation_id: invocation, since: at } = unit;
  const age = at === null ? Infinity : clock.now() - Date.parse(at);
  const { lines, error } =
    invocation === null
      ? { lines: [], error: new RoviError('not-found', 'systemd no longer knows which run it was') }
      : await lastLines(ports, {
          unit: unit.unit,
          invocation,
          lines: LINES,
          ended: true,
          patienceMs: age < FRESH_MS ? PATIENCE_MS : 0,
          withinMs: WITHIN_MS,
        });
  const entry = policy.stacks[name];
  const messages = lines.map(({ message }) => message);
  return {
    stack: name,
    unit: unit.unit,
    invocation_id: invocation,
    at,
    cause,
    lines: [...lines],
    lines_error: error === null ? null : error.message,
    mend:
      entry === undefined
        ? []
        : mendSteps({ stack: name, unit: unit.unit, cause, messages, entry, lockWait: policy.lock_wait }),
  };
}

/** The refusal for a stack whose last end needs no explanation. */
export function noFailure({ name, verdict }: StackStatus): RoviError {
  return new RoviError('not-found', `${name} has no failure to explain: ${verdict.text}`, {
    mend: `What it went through is in the timeline (\`rovictl timeline\`), what it said in \`rovictl logs ${name}\`.`,
  });
}
