import type { LogEntry } from '@rovi/contract';
import { Deque } from './deque.js';
import { logLine } from './log-line.js';
import type { LogLine } from './log-line.js';

/** One run of the unit, as far as its lines are kept. */
export interface LoggedRun {
  readonly id: string;
  /** Of its first line that was read, in milliseconds since the epoch. */
  readonly since: number;
  /** Number of its last line. */
  readonly last: number;
}

export interface RingBounds {
  readonly lines: number;
  /** Characters of all texts together. */
  readonly characters: number;
}

/** What a page keeps of a journal: about 50 MB at most. */
export const RING_BOUNDS: RingBounds = { lines: 100_000, characters: 16_777_216 };

/** The last lines of a journal, within bounds: what is too much is dropped, oldest first, and counted. */
export class LineRing {
  readonly #bounds: RingBounds;
  readonly #lines = new Deque<LogLine>();
  readonly #runs = new Map<string, { id: string; since: number; last: number }>();
  #newest: string | null = null;
  #characters = 0;
  #read = 0;

  constructor(bounds: RingBounds = RING_BOUNDS) {
    this.#bounds = bounds;
  }

  /** Lines that are kept. */
  get length(): number {
    return this.#lines.length;
  }

  /** Lines that were read and are not kept any more: the number of the oldest that is. */
  get dropped(): number {
    return this.#read - this.#lines.length;
  }

  /** Lines that were read: the number of the next. */
  get read(): number {
    return this.#read;
  }

  /** The runs that kept lines belong to, oldest first. */
  get runs(): LoggedRun[] {
    return [...this.#runs.values()].map((run) => ({ ...run }));
  }

  /** The line of this number; undefined where it is not kept. */
  line(number: number): LogLine | undefined {
    return this.#lines.at(number - this.dropped);
  }

  /** Takes in further entries, oldest first. */
  append(entries: readonly LogEntry[]): void {
    for (const entry of entries) {
      const line = logLine(entry, this.#read, this.#newest);
      this.#read += 1;
      this.#characters += line.text.length;
      this.#lines.push(line);
      this.#note(line);
    }
    const { lines, characters } = this.#bounds;
    while (this.#lines.length > lines || (this.#characters > characters && this.#lines.length > 1)) {
      this.#characters -= this.#lines.shift()?.text.length ?? 0;
    }
    for (const { id, last } of this.#runs.values()) if (last < this.dropped) this.#runs.delete(id);
  }

  #note({ run: id, at, number }: LogLine): void {
    if (id === null) return;
    const known = this.#runs.get(id);
    if (known !== undefined) known.last = number;
    else {
      this.#runs.set(id, { id, since: at, last: number });
      // What systemd says of the end of a run can come after the first line of the next, which stays the newest.
      this.#newest = id;
    }
  }
}
