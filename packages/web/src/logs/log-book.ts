import type { LogEntry } from '@rovi/contract';
import { Deque } from './deque.js';
import type { LineFilter } from './line-filter.js';
import { EVERYTHING, shows } from './line-filter.js';
import type { RingBounds } from './line-ring.js';
import { LineRing } from './line-ring.js';
import type { LogLine } from './log-line.js';

/** Lines that are looked at before the time is. */
const STRIDE = 256;

/**
 * The kept lines and those of them that a filter shows. A new filter is applied in pieces, by {@link work}: until it is
 * through, what the one before showed stays, and the page can be used.
 */
export class LogBook {
  readonly #ring: LineRing;
  #filter = EVERYTHING;
  #shown = new Deque<LogLine>();
  /** What a new filter shows of the lines up to `next`; null while none is being applied. */
  #coming: { readonly filter: LineFilter; readonly shown: Deque<LogLine>; next: number } | null = null;

  constructor(bounds?: RingBounds) {
    this.#ring = new LineRing(bounds);
  }

  get ring(): Pick<LineRing, 'length' | 'dropped' | 'read' | 'runs' | 'line'> {
    return this.#ring;
  }

  /** The filter that made what is shown. */
  get filter(): LineFilter {
    return this.#filter;
  }

  /** Shown lines. */
  get length(): number {
    return this.#shown.length;
  }

  /** Whether a new filter is being applied. */
  get busy(): boolean {
    return this.#coming !== null;
  }

  /** The shown line at this place, 0 the oldest; undefined where there is none. */
  at(index: number): LogLine | undefined {
    return this.#shown.at(index);
  }

  /** The shown lines, oldest first, from this place. */
  shown(from = 0): Generator<LogLine, void, undefined> {
    return this.#shown.from(from);
  }

  /** The place of the first shown line with this number or a later one: the number of shown lines where there is none. */
  placeOf(number: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.at(middle)?.number ?? Infinity) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  append(entries: readonly LogEntry[]): void {
    const first = this.#ring.read;
    this.#ring.append(entries);
    const { read, dropped } = this.#ring;
    for (const deque of [this.#shown, this.#coming?.shown]) {
      while (deque !== undefined && (deque.at(0)?.number ?? dropped) < dropped) deque.shift();
    }
    for (let number = Math.max(first, dropped); number < read; number += 1) {
      const line = this.#ring.line(number);
      if (line !== undefined && shows(this.#filter, line)) this.#shown.push(line);
    }
  }

  /** Begins to show by another filter. */
  apply(filter: LineFilter): void {
    this.#coming = { filter, shown: new Deque(), next: this.#ring.dropped };
  }

  /** Goes on with a new filter until it is through or `late` says so; true where it is through. */
  work(late: () => boolean): boolean {
    const coming = this.#coming;
    if (coming === null) return true;
    coming.next = Math.max(coming.next, this.#ring.dropped);
    while (coming.next < this.#ring.read) {
      const line = this.#ring.line(coming.next);
      if (line !== undefined && shows(coming.filter, line)) coming.shown.push(line);
      coming.next += 1;
      if (coming.next % STRIDE === 0 && late()) return false;
    }
    this.#filter = coming.filter;
    this.#shown = coming.shown;
    this.#coming = null;
    return true;
  }
}
