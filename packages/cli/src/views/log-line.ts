import type { LogEntry } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printable } from '../control-codes.js';
import { clockText } from './moment.js';

/** A journal entry as one line: when, who, what; errors red, warnings yellow, debug and systemd's own words dim. */
export function logLine(entry: LogEntry, now: number, colour: Colors): string {
  const who = printable(entry.identifier ?? entry.unit);
  const pid = entry.pid === null ? '' : `[${String(entry.pid)}]`;
  const lines = entry.message.replace(/\n+$/, '').split('\n').map(printable);
  const paint = paintOf(entry, colour);
  const head = `${colour.dim(clockText(entry.at, now))} ${who}${pid}: `;
  const indent = ' '.repeat(4);
  return lines.map((line, index) => `${index === 0 ? head : indent}${paint(line)}\n`).join('');
}

function paintOf({ priority, identifier }: LogEntry, colour: Colors): (text: string) => string {
  if (priority <= 3) return colour.red;
  if (priority === 4) return colour.yellow;
  return priority === 7 || identifier === 'systemd' ? colour.dim : (text) => text;
}
