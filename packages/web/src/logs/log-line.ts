import type { LogEntry } from '@rovi/contract';
import { plainText } from './plain-text.js';

/** Who wrote a line: the unit's own processes, or systemd about the unit. */
export type Source = 'program' | 'systemd';

/** Whose lines are shown. Of gateway and stacks the journal does not know which output of the program a line was written to. */
export type WantedSource = Source | 'stdout' | 'stderr';

/** One entry of the journal as the page keeps it. */
export interface LogLine {
  /** Counts the lines that this page has read, dropped ones too. */
  readonly number: number;
  /** Milliseconds since the epoch, by the robot's clock. */
  readonly at: number;
  /** The local day, to see where it changes: 20261121. */
  readonly day: number;
  /** syslog priority, 0 to 7. */
  readonly priority: number;
  readonly source: Source;
  /** Which output of the program it was written to; null where that is not known. */
  readonly stream: LogEntry['stream'];
  readonly identifier: string | null;
  readonly pid: number | null;
  /** The run it belongs to; null before the first one that is known. */
  readonly run: string | null;
  /** Without control codes. */
  readonly text: string;
  /** Whether the text has several lines. */
  readonly breaks: boolean;
}

/**
 * The entry as a line. One without a run belongs to the run before it: of a process that ended at once, journald no
 * longer knows whose it was.
 */
export function logLine(entry: LogEntry, number: number, runBefore: string | null): LogLine {
  const at = Date.parse(entry.at);
  const text = plainText(entry.message);
  return {
    number,
    at,
    day: dayOf(at),
    priority: entry.priority,
    source: entry.pid === 1 ? 'systemd' : 'program',
    stream: entry.stream,
    identifier: entry.identifier,
    pid: entry.pid,
    run: entry.invocation_id ?? runBefore,
    text,
    breaks: text.includes('\n'),
  };
}

function dayOf(at: number): number {
  const date = new Date(at);
  return (date.getFullYear() * 100 + date.getMonth() + 1) * 100 + date.getDate();
}

/** The priorities by number, as this page calls them. */
export const PRIORITIES = ['emerg', 'alert', 'crit', 'error', 'warning', 'notice', 'info', 'debug'] as const;
