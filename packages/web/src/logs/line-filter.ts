import type { LogLine, WantedSource } from './log-line.js';
import type { TextSearch } from './text-search.js';

/** Which lines are shown. */
export interface LineFilter {
  /** This syslog priority or more urgent; 7 shows all. */
  readonly priority: number;
  /** Null shows all. */
  readonly source: WantedSource | null;
  /** Null shows all runs. */
  readonly run: string | null;
  readonly search: TextSearch | null;
}

export const EVERYTHING: LineFilter = { priority: 7, source: null, run: null, search: null };

/** Whether the filter shows the line. */
export function shows({ priority, source, run, search }: LineFilter, line: LogLine): boolean {
  return (
    line.priority <= priority &&
    (source === null || line.source === source || line.stream === source) &&
    (run === null || line.run === run) &&
    (search === null || search.finds(line.text))
  );
}
