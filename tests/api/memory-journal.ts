import type { Journal, JournalQuery } from '@rovi/conductor';
import type { LogEntry } from '@rovi/contract';
import { RoviError } from '@rovi/contract';

/** The journal port in memory, for tests of the API alone; tests of journalctl itself run on testbed robots. */
export class MemoryJournal implements Journal {
  readonly #entries: LogEntry[] = [];
  readonly #wake = new Set<() => void>();
  /** Followers whose source is open. */
  followers = 0;
  /** Set: every use rejects. */
  broken = false;

  append(unit: string, message: string, more: Partial<LogEntry> = {}): void {
    this.#entries.push({
      cursor: `s=1;i=${this.#entries.length}`,
      at: new Date(1_700_000_000_000 + this.#entries.length).toISOString(),
      unit,
      invocation_id: null,
      pid: 1,
      priority: 6,
      identifier: 'ros2',
      transport: 'stdout',
      stream: null,
      message,
      ...more,
    });
    for (const wake of [...this.#wake]) wake();
  }

  read(query: JournalQuery): Promise<LogEntry[]> {
    if (this.broken) return Promise.reject(new RoviError('journal-unavailable', 'the journal is gone'));
    return Promise.resolve(this.#select(query));
  }

  async *backwards(unit: string): AsyncGenerator<LogEntry> {
    yield* (await this.read({ unit, lines: this.#entries.length })).reverse();
  }

  async *follow(query: JournalQuery, signal: AbortSignal): AsyncGenerator<LogEntry> {
    this.followers += 1;
    try {
      let seen = this.#entries.length;
      yield* await this.read(query);
      while (!signal.aborted) {
        if (this.broken) throw new RoviError('journal-unavailable', 'the journal is gone');
        const fresh = this.#entries.slice(seen);
        seen = this.#entries.length;
        yield* fresh.filter((entry) => fits(entry, query));
        if (seen === this.#entries.length) await this.#change(signal);
      }
    } finally {
      this.followers -= 1;
    }
  }

  /** Makes every follower look again. */
  stir(): void {
    for (const wake of [...this.#wake]) wake();
  }

  #select(query: JournalQuery): LogEntry[] {
    const fitting = this.#entries.filter((entry) => fits(entry, query));
    if (query.after === undefined) return query.lines === 0 ? [] : fitting.slice(-query.lines);
    return fitting.slice(fitting.findIndex(({ cursor }) => cursor === query.after) + 1);
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#wake.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#wake.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}

function fits(entry: LogEntry, { unit, invocation, priority, stream }: JournalQuery): boolean {
  return (
    entry.unit === unit &&
    (invocation === undefined || entry.invocation_id === invocation) &&
    (priority === undefined || entry.priority <= priority) &&
    (stream === undefined || entry.stream === stream)
  );
}
