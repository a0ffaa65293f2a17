import { memo } from 'react';
import type { ReactNode } from 'react';
import type { Tone } from '../format/tone.js';
import { PRIORITIES } from './log-line.js';
import type { LogLine } from './log-line.js';
import type { TextSearch } from './text-search.js';

const tones: readonly Tone[] = ['bad', 'bad', 'bad', 'bad', 'warn', 'busy', 'rest', 'rest'];

/** What stands above a line because it differs from the one before. */
export interface Headings {
  readonly day: boolean;
  readonly run: boolean;
}

/** What stands above the line, after the one that is shown before it. */
export function headingsOf(line: LogLine | undefined, before: LogLine | undefined): Headings {
  return {
    day: line !== undefined && line.day !== before?.day,
    run: line !== undefined && line.run !== null && line.run !== before?.run,
  };
}

const timeFormat = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const dayFormat = new Intl.DateTimeFormat(undefined, {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
});

/** The time of day of a line: `14:02:11`. */
export function timeText(at: number): string {
  return timeFormat.format(at);
}

/** One line of the journal. */
export const LogRow = memo(function LogRow({
  line,
  day,
  run,
  selected,
  wraps,
  search,
}: Headings & { line: LogLine; selected: boolean; wraps: boolean; search: TextSearch | null }) {
  const { at, priority, source } = line;
  const text = wraps ? line.text : line.text.replaceAll('\n', ' \u21b5 ');
  const milliseconds = String(((at % 1000) + 1000) % 1000).padStart(3, '0');
  return (
    <>
      {day && <div className="log-heading">{dayFormat.format(at)}</div>}
      {run && (
        <div className="log-heading">
          Run {line.run?.slice(0, 8)}, from {timeText(at)}
        </div>
      )}
      <div
        className="log-row"
        data-tone={tones[priority]}
        data-urgent={priority <= 4}
        data-selected={selected}
      >
        <span className="log-time" data-pick={line.number} title={new Date(at).toISOString()}>
          {timeText(at)}
          <span className="log-ms">.{milliseconds}</span>
        </span>
        <span className="log-priority">{PRIORITIES[priority]}</span>
        <span className="log-text">
          {source === 'systemd' && <span className="log-source">systemd</span>}
          {search === null ? text : marked(text, search)}
        </span>
      </div>
    </>
  );
});

function marked(text: string, search: TextSearch): ReactNode {
  const parts: ReactNode[] = [];
  let done = 0;
  for (const [from, to] of search.ranges(text)) {
    parts.push(text.slice(done, from), <mark key={from}>{text.slice(from, to)}</mark>);
    done = to;
  }
  return [...parts, text.slice(done)];
}
