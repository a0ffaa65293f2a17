import type { FailureReport } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { logLine } from './log-line.js';
import { momentText } from './moment.js';

/** Why a stack ended: the cause, what the run said last, and what to do, one step a line. */
export function failureText({ lines, ...report }: FailureReport, now: number, colour: Colors): string {
  const { stack, cause, at, invocation_id: invocation, lines_error: missing, mend } = printableData(report);
  const head = `${colour.red('✗')} ${colour.bold(stack)} ended: ${cause.text}`;
  const facts = [momentText(at, now), ...(invocation === null ? [] : [`invocation ${invocation}`])];
  const said = lines.map((entry) => `  ${colour.dim('│')} ${logLine(entry, now, colour).trimEnd()}`);
  return [
    head,
    `  ${facts.join(' · ')}`,
    ...(said.length === 0 ? [] : [`  ${colour.bold('last journal lines:')}`, ...said]),
    ...(missing === null ? [] : [`  ${colour.yellow('no more lines:')} ${missing}`]),
    `  ${colour.cyan('what to do:')}`,
    ...mend.map((step, index) => `  ${String(index + 1)}. ${step}`),
    '',
  ].join('\n');
}
