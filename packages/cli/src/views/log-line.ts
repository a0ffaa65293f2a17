import { GATEWAY_UNIT, type LogEntry } from '@rovi/contract';
import type { Colors } from 'picocolors/types.js';
import { printable } from '../control-codes.js';
import { gatewayRecordText } from './gateway-record.js';
import { clockText } from './moment.js';

/**
 * A journal entry as one line: when, who, what; errors red, warnings yellow, debug and systemd's own words dim. What the
 * gateway logs is JSON: it is shown as level, message and fields.
 */
export function logLine(entry: LogEntry, now: number, colour: Colors): string {
  const who = printable(entry.identifier ?? entry.unit);
  const pid = entry.pid === null ? '' : `[${String(entry.pid)}]`;
  const record = entry.unit === GATEWAY_UNIT ? gatewayRecordText(entry.message) : null;
  const lines = (record ?? entry.message).replace(/\n+$/, '').split('\n').map(printable);
  const paint = paintOf(entry, colour);
  const stream = entry.stream === 'stderr' ? colour.dim(' stderr') : '';
  const head = `${colour.dim(clockText(entry.at, now))} ${who}${pid}${stream}: `;
  const indent = ' '.repeat(4);
  return lines.map((line, index) => `${index === 0 ? head : indent}${paint(line)}\n`).join('');
}

function paintOf({ priority, identifier }: LogEntry, colour: Colors): (text: string) => string {
  if (priority <= 3) return colour.red;
  if (priority === 4) return colour.yellow;
  return priority === 7 || identifier === 'systemd' ? colour.dim : (text) => text;
}
