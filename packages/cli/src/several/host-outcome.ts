import type { Operation, Problem } from '@rovi/contract';
import { EXIT, exitCodeOf, type ExitCode } from '../exit-codes.js';

/**
 * - `succeeded`: it is as was commanded.
 * - `failed`: it is not, and the problem says why; also where the host could not be asked.
 * - `unknown`: the connection was lost after it was sent.
 * - `watched-no-more`: Ctrl-C; what was begun goes on there.
 * - `untouched`: nothing was sent to it.
 */
export type OutcomeWord = 'succeeded' | 'failed' | 'unknown' | 'watched-no-more' | 'untouched';

/** What came of a command on one of several hosts. */
export interface HostOutcome {
  readonly host: string;
  /** What the robot calls itself; null where it did not say. */
  readonly robot: string | null;
  readonly outcome: OutcomeWord;
  /** One phrase for people. */
  readonly message: string;
  /** The record of the command; null where there is none. */
  readonly operation: Operation | null;
  readonly problem: Problem | null;
}

/** An outcome of an error. */
export function failedOutcome(host: string, robot: string | null, problem: Problem): HostOutcome {
  const unknown = problem.context['outcome'] === 'unknown';
  return {
    ...{ host, robot, message: problem.message, operation: null, problem },
    outcome: unknown ? 'unknown' : 'failed',
  };
}

/**
 * 0 where all did it, 8 where some did; where none did, what the first error exits with. After Ctrl-C 130, whatever had
 * been done by then.
 */
export function exitCodeOfAll(outcomes: readonly Pick<HostOutcome, 'outcome' | 'problem'>[]): ExitCode {
  if (outcomes.some(({ outcome }) => outcome === 'watched-no-more')) return EXIT.interrupted;
  const done = outcomes.filter(({ outcome }) => outcome === 'succeeded').length;
  if (done === outcomes.length) return EXIT.ok;
  if (done > 0) return EXIT.partly;
  const problem = outcomes.find((one) => one.problem !== null)?.problem;
  return problem == null ? EXIT.failed : exitCodeOf(problem.code);
}
