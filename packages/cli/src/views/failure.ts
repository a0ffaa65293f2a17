import type { FailureReport } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printable } from '../control-codes.js';
import { logLine } from './log-line.js';
import { momentText } from './moment.js';

/** Why a stack ended: the cause, what the run said last, and what to do, one step a line. */
export function failureText(report: FailureReport, now: number, colour: Colors): string {
  const { stack, cause, at, invocation_id: invocation, lines, lines_error: missing, mend } = report;
  const head = `${colour.red('✗')} ${colour.bold(stack)} ended: ${printable(cause.text)}`;
  const facts = [momentText(at, now), ...(invocation === null ? [] : [`invocation ${invocation}`])];
  const said = lines.map((entry) => `  ${colour.dim('│')} ${logLine(entry, now, colour).trimEnd()}`);
  return [
    head,
    `  ${facts.join(' · ')}`,
    ...(said.length === 0 ? [] : [`  ${colour.bold('last journal lines:')}`, ...said]),
    ...(missing === null ? [] : [`  ${colour.yellow('no more lines:')} ${printable(missing)}`]),
    `  ${colour.cyan('what to do:')}`,
    ...mend.map((step, index) => `  ${String(index + 1)}. ${printable(step)}`),
    '',
  ].join('\n');
}
