import { PRIORITIES } from './log-line.js';
import type { LogLine } from './log-line.js';

/** Lines as a text file has them: local time with its offset, priority, who, text; further lines of a text indented. */
export function logText(lines: Iterable<LogLine>): string {
  const parts: string[] = [];
  for (const line of lines) {
    const { at, priority, identifier, pid, text } = line;
    const who = `${identifier ?? 'unknown'}${pid === null ? '' : `[${pid}]`}`;
    const word = (PRIORITIES[priority] ?? '').padEnd(7);
    parts.push(`${localTime(at)} ${word} ${who}: ${text.replaceAll('\n', '\n    ')}\n`);
  }
  return parts.join('');
}

/** A moment as RFC 3339 text in this device's time zone. */
export function localTime(at: number): string {
  const offset = -new Date(at).getTimezoneOffset();
  const size = Math.abs(offset);
  const zone = `${offset < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  return new Date(at + offset * 60_000).toISOString().replace('Z', zone);
}

/** The name of a file for a unit's lines: `rovi-nav-2026-11-21T14-02-11.log`. */
export function logFileName(robot: string, unit: string, at: number): string {
  const safe = `${robot}-${unit}`.replaceAll(/[^A-Za-z0-9_-]+/g, '_');
  return `${safe}-${localTime(at).slice(0, 19).replaceAll(':', '-')}.log`;
}

function two(number: number): string {
  return String(number).padStart(2, '0');
}
