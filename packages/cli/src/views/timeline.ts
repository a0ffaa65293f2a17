import type { Operation, Timeline } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printableData } from '../control-codes.js';
import { clockText, localTimes } from './moment.js';
import { commandText } from './operation.js';
import { stateGlyph, verdictPaint } from './state-glyph.js';
import { tableText } from './table.js';

/** The last `count` changes of state, newest first, with whose command each was. */
export function timelineText(given: Timeline, count: number, now: number, colour: Colors): string {
  const { transitions, operations, since } = printableData(given);
  const shown = transitions.slice(0, count);
  if (shown.length === 0) {
    return colour.dim(`nothing has changed since the gateway started at ${clockText(since, now)}\n`);
  }
  const byId = new Map(operations.map((operation) => [operation.id, operation]));
  const rows = shown.map(({ at, name, from, to, level, text, operation }) => {
    const { glyph, paint } = stateGlyph(to, colour);
    return [
      paint(glyph),
      clockText(at, now),
      name,
      `${from} → ${paint(to)}`,
      // Its processes come one after the other: at that moment some are always missing.
      to === 'RUNNING' ? 'running' : verdictPaint(level, colour)(localTimes(text, now)),
      operation === null ? colour.dim('nobody') : byText(byId.get(operation), operation),
    ];
  });
  return tableText(
    ['', 'WHEN', 'UNIT', 'CHANGE', 'WHAT', 'BY'].map((word) => colour.dim(word)),
    rows,
  );
}

/** More changes are kept than operations: of an old one only its id is known. */
function byText(operation: Operation | undefined, id: string): string {
  return operation === undefined ? id : `${commandText(operation)} by ${operation.actor.name}`;
}
