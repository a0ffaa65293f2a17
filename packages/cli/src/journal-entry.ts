import type { LogEntry } from '@rovi/contract';

/** Characters of a message that are kept. */
const MESSAGE_CHARACTERS = 64 * 1024;

/** The last moment a Date can hold, in microseconds since the epoch. */
const LATEST_US = 8.64e18;

/** The priorities that systemd-cat gives a service's two outputs (docs/decisions/0021). Of other units they say nothing. */
const streamOf: Readonly<Record<number, LogEntry['stream']>> = { 5: 'stderr', 6: 'stdout' };

/**
 * One line of `journalctl -o json`; null where it is not an entry. The gateway reads the journal with the same rules
 * (packages/systemd): a test holds the two together, for that package would bring D-Bus into this program.
 */
export function journalEntry(line: string, unit: string): LogEntry | null {
  const fields = objectOf(line);
  if (fields === null) return null;
  const cursor = text(fields['__CURSOR']);
  const microseconds = Number(text(fields['__REALTIME_TIMESTAMP']) ?? NaN);
  if (cursor === null || !(microseconds >= 0 && microseconds <= LATEST_US)) return null;
  const pid = Number(text(fields['_PID']) ?? NaN);
  const priority = Number(text(fields['PRIORITY']) ?? NaN);
  const transport = text(fields['_TRANSPORT']) ?? 'unknown';
  return {
    cursor,
    at: new Date(microseconds / 1000).toISOString(),
    unit,
    // What systemd says about a unit carries the unit's invocation without the underscore, beside its own.
    invocation_id: text(fields['INVOCATION_ID']) ?? text(fields['_SYSTEMD_INVOCATION_ID']),
    pid: Number.isInteger(pid) ? pid : null,
    priority: Number.isInteger(priority) && priority >= 0 && priority <= 7 ? priority : 6,
    identifier: text(fields['SYSLOG_IDENTIFIER']) ?? text(fields['_COMM']),
    transport,
    stream: transport === 'stdout' ? (streamOf[priority] ?? null) : null,
    message: shortened(text(fields['MESSAGE']) ?? ''),
  };
}

function objectOf(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** A field's value: text; bytes where it is not printable UTF-8; a list of those where it was given several times. */
function text(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return null;
  if (value.every((byte) => typeof byte === 'number')) return Buffer.from(value).toString('utf8');
  return text((value as unknown[])[0]);
}

function shortened(message: string): string {
  return message.length <= MESSAGE_CHARACTERS
    ? message
    : `${message.slice(0, MESSAGE_CHARACTERS)} […${String(message.length - MESSAGE_CHARACTERS)} characters more]`;
}
