import type { Operation } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { contextLines } from '../problem-context.js';
import { ageText, clockText, durationText, localTimes, momentText } from './moment.js';
import { tableText } from './table.js';

/** What was commanded: `start nav`, `stop-all`, `switch teleop → nav`. */
export function commandText({ kind, stack, service, from }: Operation): string {
  const target = stack ?? service;
  if (target === null) return kind;
  return from === null ? `${kind} ${target}` : `${kind} ${from} → ${target}`;
}

/** One line: what, by whom, when, what came of it. */
export function operationSummary(given: Operation, now: number, colour: Colors): string {
  const operation = printableData(given);
  const time =
    operation.outcome === 'running'
      ? `for ${durationText(now - Date.parse(operation.started_at))}`
      : ageText(operation.ended_at ?? operation.started_at, now);
  return `${outcomeGlyph(operation, colour)} ${commandText(operation)} by ${actorText(operation)} ${time}: ${localTimes(operation.message, now)}`;
}

/** Many operations, newest first as the gateway lists them. */
export function operationsText(operations: readonly Operation[], now: number, colour: Colors): string {
  if (operations.length === 0) return colour.dim('no operations since the gateway started\n');
  return tableText(
    ['', 'ID', 'WHEN', 'COMMAND', 'BY', 'TOOK', 'RESULT'].map((word) => colour.dim(word)),
    printableData(operations).map((operation) => [
      outcomeGlyph(operation, colour),
      operation.id,
      clockText(operation.started_at, now),
      commandText(operation),
      actorText(operation),
      operation.duration_ms === null ? '…' : durationText(operation.duration_ms),
      localTimes(operation.message, now),
    ]),
  );
}

/** Everything of one operation: who, why, each step with its time, and the problem with its facts. */
export function operationText(given: Operation, now: number, colour: Colors): string {
  const operation = printableData(given);
  const lines = [
    `${outcomeGlyph(operation, colour)} ${colour.bold(commandText(operation))} – ${operation.outcome}: ${localTimes(operation.message, now)}`,
    `  ${colour.dim('id     ')} ${operation.id}`,
    `  ${colour.dim('by     ')} ${actorText(operation)} through ${operation.actor.face}${operation.actor.verified ? '' : colour.dim(' (as the client says)')}`,
    `  ${colour.dim('reason ')} ${operation.reason === '' ? '–' : operation.reason}`,
    `  ${colour.dim('started')} ${momentText(operation.started_at, now)}`,
    `  ${colour.dim('took   ')} ${operation.duration_ms === null ? 'still running' : durationText(operation.duration_ms)}`,
    `  ${colour.dim('changed')} ${operation.changed ? 'yes' : 'nothing'}`,
    ...operation.warnings.map((warning) => `  ${colour.yellow('warning:')} ${warning}`),
    ...operation.steps.map(
      (step) =>
        `  ${colour.dim('·')} ${step.text} ${colour.dim(step.duration_ms === null ? '…' : durationText(step.duration_ms))}`,
    ),
  ];
  if (operation.problem !== null) {
    lines.push(
      `  ${colour.red('problem:')} ${localTimes(operation.problem.message, now)} ${colour.dim(`[${operation.problem.code}]`)}`,
    );
    lines.push(...contextLines(operation.problem, now, colour).map((line) => `    ${line}`));
    if (operation.problem.mend !== '') lines.push(`    ${colour.cyan('mend:')} ${operation.problem.mend}`);
  }
  return `${lines.join('\n')}\n`;
}

function actorText({ actor }: Operation): string {
  return actor.name;
}

function outcomeGlyph({ outcome }: Operation, colour: Colors): string {
  switch (outcome) {
    case 'running':
      return colour.yellow('◐');
    case 'succeeded':
      return colour.green('✓');
    case 'failed':
      return colour.red('✗');
    case 'cancelled':
      return colour.yellow('–');
  }
}
