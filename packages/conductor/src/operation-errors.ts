import type { Operation, StackStatus } from '@rovi/contract';
import { RoviError } from '@rovi/contract';

/** The refusal while another operation is under way. */
export function inProgress(operation: Operation): RoviError {
  const what = `${operation.kind}${operation.stack === null ? '' : ` ${operation.stack}`}`;
  return new RoviError(
    'operation-in-progress',
    `${what} of ${operation.actor.name} is under way since ${operation.started_at}`,
    {
      mend: 'Wait for its end, or stop the stack: a stop is never refused.',
      context: { operation: operation.id, actor: operation.actor, since: operation.started_at },
    },
  );
}

/** The refusal while another stack holds the robot. */
export function busy(holder: StackStatus): RoviError {
  const { unit } = holder;
  const pid = unit.main_pid ?? holder.processes[0]?.pid ?? null;
  const who = `${holder.name} holds the robot (${holder.verdict.text}${unit.since === null ? '' : `, since ${unit.since}`}${pid === null ? '' : `, PID ${pid}`})`;
  return new RoviError('stack-busy', who, {
    mend: `Use switch to replace it, or stop ${holder.name} first.`,
    context: { holder: holder.name, state: holder.state, since: unit.since, pid },
  });
}

/** The refusal where another run than the confirmed one would be stopped. */
export function anotherRun(
  from: string,
  runs: { readonly confirmed: string; readonly now: string | null },
): RoviError {
  return new RoviError(
    'situation-changed',
    `${from} was started anew since this was confirmed; nothing was done`,
    {
      mend: 'Look at the state again, then decide.',
      context: { stack: from, confirmed_invocation: runs.confirmed, invocation_id: runs.now },
    },
  );
}

/** Why a switch ended where somebody else took the robot meanwhile: nothing is brought back. */
export function leftAlone(cause: RoviError, from: string, to: string): RoviError {
  return new RoviError(cause.code, `${cause.message}; ${from} is stopped and was not brought back`, {
    mend: cause.mend,
    context: { ...cause.context, from, to },
    cause,
  });
}

/** A stop that failed, or whose end could not be proven, ends the switch: two stacks must not run at once. */
export function notSwitched(cause: RoviError, from: string, to: string): RoviError {
  if (cause.code === 'operation-cancelled') return cause;
  const text = `${cause.message}; ${from} may have stopped, and ${to} was not started`;
  return new RoviError(cause.code, text, {
    mend: cause.mend,
    context: { ...cause.context, from, to },
    cause,
  });
}

/** The failure of a stop after which the stack runs, or comes up, all the same: somebody started it at the same time. */
export class StartedAgain extends RoviError {}

/** What several stops failed with, as one: the first one's code, the messages of all. */
export function stopFailure(failures: readonly unknown[]): RoviError {
  const errors = failures.map((failure) => RoviError.from(failure));
  const [first] = errors;
  if (first === undefined || errors.length === 1) return first ?? RoviError.from(failures);
  return new RoviError(first.code, errors.map(({ message }) => message).join('; '), {
    mend: first.mend,
    context: { problems: errors.map((error) => error.toProblem()) },
    cause: first,
  });
}
