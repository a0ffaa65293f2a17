import { RoviError } from '@rovi/contract';
import type { FailureReport, StackStatus } from '@rovi/contract';
import { useEffect, useState } from 'react';
import { Prose } from '../format/prose.js';
import { useRobot } from '../live/robot-context.js';

/** Milliseconds after which a report is read once more: of a run that has just ended the journal may not have all yet. */
const AGAIN_MS = 2_000;

type Answer = { readonly report: FailureReport } | { readonly problem: RoviError };

/** Why a stack failed: the cause, what to do, and the last lines of that run. */
export function FailureExplained({ stack }: { stack: StackStatus }) {
  const { client } = useRobot();
  const [answer, setAnswer] = useState<Answer | null>(null);
  const { name } = stack;
  const run = `${stack.unit.invocation_id} ${stack.unit.since}`;

  useEffect(() => {
    const gone = new AbortController();
    let again: ReturnType<typeof setTimeout> | undefined;
    const read = (isLast: boolean): void => {
      client.failure(name, { signal: gone.signal }).then(
        (report) => {
          setAnswer({ report });
          if (!isLast) again = setTimeout(() => read(true), AGAIN_MS);
        },
        (error: unknown) => {
          if (!gone.signal.aborted && !isLast) setAnswer({ problem: RoviError.from(error) });
        },
      );
    };
    read(false);
    return () => {
      clearTimeout(again);
      gone.abort(new RoviError('internal', 'not shown any more'));
    };
  }, [client, name, run]);

  const cause = stack.failure?.text ?? stack.verdict.text;
  if (answer === null || 'problem' in answer)
    return (
      <p className="why">
        <Prose text={cause} />
      </p>
    );
  const { report } = answer;
  return (
    <div className="why">
      <p>
        <strong>Why:</strong> <Prose text={report.cause.text} />
      </p>
      {report.mend.length > 0 && (
        <>
          <p>
            <strong>What to do:</strong>
          </p>
          <ol>
            {report.mend.map((step) => (
              <li key={step}>
                <Prose text={step} />
              </li>
            ))}
          </ol>
        </>
      )}
      {report.lines_error !== null && (
        <p className="soft small">
          <Prose text={report.lines_error} />
        </p>
      )}
      {report.lines.length > 0 && (
        <details>
          <summary>Last lines of that run ({report.lines.length})</summary>
          <pre tabIndex={0} aria-label={`Last lines of ${name}`}>
            {report.lines.map(({ cursor, priority, message }) => (
              <span key={cursor} data-urgent={priority <= 4}>
                {message}
                {'\n'}
              </span>
            ))}
          </pre>
        </details>
      )}
    </div>
  );
}
