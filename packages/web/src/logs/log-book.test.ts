import type { LogEntry } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deque } from './deque.js';
import type { LineFilter } from './line-filter.js';
import { EVERYTHING, shows } from './line-filter.js';
import { LineRing } from './line-ring.js';
import { extended, isSelected, selectedLines } from './line-selection.js';
import { LogBook } from './log-book.js';

const entry = (over: Partial<LogEntry> = {}): LogEntry => ({
  cursor: 's=1',
  at: '2026-11-21T09:30:00.000Z',
  unit: 'rovi-nav.service',
  invocation_id: 'a',
  pid: 12,
  priority: 6,
  identifier: 'rovi-nav',
  transport: 'stdout',
  stream: null,
  message: 'hello',
  ...over,
});
const never = (): boolean => false;
const numbers = (book: LogBook): number[] => [...book.shown()].map(({ number }) => number);

describe('Deque', () => {
  it('is a list, whatever is pushed and shifted', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.integer(), { freq: 2 }), { maxLength: 6_000 }), (steps) => {
        const [deque, model] = [new Deque<number>(), [] as number[]];
        for (const step of steps) {
          if (step === null) expect(deque.shift()).toBe(model.shift());
          else {
            deque.push(step);
            model.push(step);
          }
        }
        expect([...deque.from()]).toEqual(model);
        expect(deque.length).toBe(model.length);
        expect(deque.at(0)).toBe(model[0]);
      }),
      { numRuns: 30 },
    );
  });

  it('lets go of what was taken', () => {
    const deque = new Deque<number>();
    for (let number = 0; number < 5_000; number += 1) {
      deque.push(number);
      if (number >= 10) deque.shift();
    }
    expect([...deque.from()]).toEqual([4990, 4991, 4992, 4993, 4994, 4995, 4996, 4997, 4998, 4999]);
  });
});

describe('LineRing', () => {
  it('never keeps more than its bounds, and counts what it dropped', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 40 }), { maxLength: 200 }), (messages) => {
        const ring = new LineRing({ lines: 20, characters: 200 });
        for (const message of messages) ring.append([entry({ message })]);
        const kept = Array.from({ length: ring.length }, (_, at) => ring.line(ring.dropped + at));
        const characters = kept.reduce((sum, line) => sum + (line?.text.length ?? NaN), 0);
        expect(ring.length).toBeLessThanOrEqual(20);
        expect(characters <= 200 || ring.length === 1).toBe(true);
        expect(ring.dropped + ring.length).toBe(messages.length);
        expect(kept.map((line) => line?.number)).toEqual(kept.map((_, at) => ring.dropped + at));
      }),
    );
  });

  it('has the runs of kept lines; a line without one belongs to the run before', () => {
    const ring = new LineRing({ lines: 4, characters: 1_000 });
    ring.append([entry({ invocation_id: null }), entry(), entry({ invocation_id: null })]);
    expect([0, 1, 2].map((number) => ring.line(number)?.run)).toEqual([null, 'a', 'a']);
    // systemd's last word about one run can come after the first line of the next.
    ring.append([entry({ invocation_id: 'b' }), entry({ pid: 1 }), entry({ invocation_id: null })]);
    expect([3, 4, 5].map((number) => ring.line(number)?.run)).toEqual(['b', 'a', 'b']);
    expect(ring.runs.map(({ id, last }) => [id, last])).toEqual([
      ['a', 4],
      ['b', 5],
    ]);
    ring.append([
      entry({ invocation_id: 'b' }),
      entry({ invocation_id: 'b' }),
      entry({ invocation_id: 'b' }),
    ]);
    expect(ring.runs.map(({ id }) => id)).toEqual(['b']);
  });
});

describe('LogBook', () => {
  const urgent: LineFilter = { ...EVERYTHING, priority: 4 };

  it('shows the same whether a filter came before the lines, after them, or in between', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.integer({ min: 0, max: 7 }), { maxLength: 400 }), { maxLength: 6 }),
        fc.nat({ max: 6 }),
        fc.integer({ min: 1, max: 3 }),
        (batches, at, patience) => {
          const book = new LogBook({ lines: 500, characters: 1e6 });
          let asked = 0;
          const late = (): boolean => (asked += 1) % patience === 0;
          for (const [index, batch] of batches.entries()) {
            if (index === at) book.apply(urgent);
            book.append(batch.map((priority) => entry({ priority })));
            book.work(late);
          }
          if (at >= batches.length) book.apply(urgent);
          while (!book.work(late));
          const expected = batches
            .flat()
            .map((priority, number) => ({ priority, number }))
            .slice(-500)
            .filter(({ priority }) => priority <= 4);
          expect(numbers(book)).toEqual(expected.map(({ number }) => number));
        },
      ),
    );
  });

  it('shows what it showed until a new filter is through', () => {
    const book = new LogBook();
    book.append(Array.from({ length: 1_000 }, (_, at) => entry({ priority: at % 8 })));
    book.apply(urgent);
    expect(book.work(() => true)).toBe(false);
    expect([book.busy, book.length]).toEqual([true, 1_000]);
    expect(book.work(never)).toBe(true);
    expect([book.busy, book.length]).toEqual([false, 625]);
  });

  it('finds the place of a line, shown or not', () => {
    const book = new LogBook();
    book.append(Array.from({ length: 16 }, (_, at) => entry({ priority: at % 8 })));
    book.apply(urgent);
    book.work(never);
    expect(numbers(book)).toEqual([0, 1, 2, 3, 4, 8, 9, 10, 11, 12]);
    expect([0, 4, 5, 7, 8, 12, 13, 99].map((number) => book.placeOf(number))).toEqual([
      0, 4, 5, 5, 5, 9, 10, 10,
    ]);
  });
});

describe('the filter', () => {
  it('knows the outputs of a service’s program from each other', () => {
    const ring = new LineRing();
    ring.append([entry({ stream: 'stdout' }), entry({ stream: 'stderr' }), entry({ pid: 1 })]);
    const by = (source: LineFilter['source']): boolean[] =>
      [0, 1, 2].map((number) => shows({ ...EVERYTHING, source }, ring.line(number)!));
    expect(by('stdout')).toEqual([true, false, false]);
    expect(by('stderr')).toEqual([false, true, false]);
    expect(by('program')).toEqual([true, true, false]);
  });

  it('knows systemd from the program', () => {
    const ring = new LineRing();
    ring.append([entry(), entry({ pid: 1, transport: 'journal' }), entry({ pid: null })]);
    const by = (source: LineFilter['source']): boolean[] =>
      [0, 1, 2].map((number) => shows({ ...EVERYTHING, source }, ring.line(number)!));
    expect(by('program')).toEqual([true, false, true]);
    expect(by('systemd')).toEqual([false, true, false]);
    expect(by(null)).toEqual([true, true, true]);
  });
});

describe('a selection', () => {
  const book = new LogBook();
  book.append(Array.from({ length: 10 }, () => entry()));

  it('goes from one line to another, in either direction, over shown lines alone', () => {
    expect(selectedLines(book, { anchor: 6, focus: 3 }).map(({ number }) => number)).toEqual([3, 4, 5, 6]);
    expect(isSelected({ anchor: 6, focus: 3 }, 4)).toBe(true);
    expect(isSelected({ anchor: 6, focus: 3 }, 7)).toBe(false);
    expect(selectedLines(book, null)).toEqual([]);
  });

  it('begins where one looks, and stays among the lines', () => {
    expect(extended(book, null, 1, 4)).toEqual({ anchor: 4, focus: 4 });
    expect(extended(book, { anchor: 4, focus: 4 }, 1, 0)).toEqual({ anchor: 4, focus: 5 });
    expect(extended(book, { anchor: 4, focus: 9 }, 1, 0)).toEqual({ anchor: 4, focus: 9 });
    expect(extended(book, { anchor: 4, focus: 0 }, -1, 0)).toEqual({ anchor: 4, focus: 0 });
    expect(extended(new LogBook(), null, 1, 0)).toBeNull();
  });
});
