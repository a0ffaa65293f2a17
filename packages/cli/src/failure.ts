import process from 'node:process';
import { RoviError, type Problem } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { exitCodeOf, type ExitCode } from './exit-codes.js';
import { printable } from './control-codes.js';
import { contextLines } from './problem-context.js';
import type { Terminal } from './terminal.js';
import { localTimes } from './views/moment.js';

/** Prints any thrown value for people on standard error; returns what to exit with. */
export function reportFailure(terminal: Terminal, error: unknown): ExitCode {
  const rovi = RoviError.from(error);
  const debug = Boolean(process.env['ROVI_DEBUG']);
  const problem = rovi.toProblem();
  const defect = rovi.code === 'internal' && !(error instanceof RoviError);
  terminal.err(
    problemText(
      defect
        ? { ...problem, mend: 'This is a defect: set ROVI_DEBUG=1 to see where, and report it.' }
        : problem,
      Date.now(),
      terminal.errColour,
    ),
  );
  if (debug) terminal.err(`${stackOf(error)}\n`);
  return exitCodeOf(rovi.code);
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? '' : `\ncaused by: ${stackOf(error.cause)}`;
  return `${error.stack ?? error.message}${cause}`;
}

/** A problem for people: what went wrong, the facts that explain it, and what to do about it. Its times are local ones. */
export function problemText(problem: Problem, now: number, colour: Colors): string {
  const [first = '', ...rest] = localTimes(problem.message, now).split('\n');
  const lines = [
    `${colour.red('rovictl:')} ${printable(first)} ${colour.dim(`[${problem.code}]`)}`,
    ...rest.map((line) => `  ${printable(line)}`),
    ...contextLines(problem, now, colour).map((line) => `  ${line}`),
  ];
  if (problem.mend !== '') lines.push(`  ${colour.cyan('mend:')} ${printable(problem.mend)}`);
  return `${lines.join('\n')}\n`;
}
