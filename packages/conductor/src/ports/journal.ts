import type { LogEntry } from '@rovi/contract';

export interface JournalQuery {
  readonly unit: string;
  /** The last so many entries; 0 for none (useful with `follow`). */
  readonly lines: number;
  /** 32 hexadecimal digits. */
  readonly invocation?: string;
  /** Continue after this cursor instead of counting lines. */
  readonly after?: string;
  /** Only this syslog priority or more urgent. */
  readonly priority?: number;
  /** Only what the program wrote to this output; of units that tell the two apart. */
  readonly stream?: 'stdout' | 'stderr';
}

/** The journal of one unit. Rejects with `journal-unavailable`. */
export interface Journal {
  read(query: JournalQuery, signal?: AbortSignal): Promise<LogEntry[]>;
  /** Entries as they come, beginning with what `query` selects, until the signal aborts. Honours back-pressure. */
  follow(query: JournalQuery, signal: AbortSignal): AsyncIterable<LogEntry>;
  /**
   * Entries of a unit from the newest backwards, as far as a bounded look goes: at least the last 100 000, if there are
   * so many. For those who search.
   */
  backwards(unit: string, signal: AbortSignal): AsyncIterable<LogEntry>;
}
