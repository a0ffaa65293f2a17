import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LogLine } from './log-line.js';
import { logFileName, logText, localTime } from './log-text.js';
import { plainText } from './plain-text.js';
import { HEADING_PX, LINE_PX, rowHeight } from './row-height.js';
import { PatternError, patternSearch, plainSearch } from './text-search.js';

const line = (over: Partial<LogLine> = {}): LogLine => {
  const text = over.text ?? 'hello';
  return {
    number: 0,
    at: Date.parse('2026-11-21T09:30:00.123Z'),
    day: 20261121,
    priority: 4,
    source: 'program',
    stream: null,
    identifier: 'rovi-nav',
    pid: 12,
    run: 'a',
    breaks: text.includes('\n'),
    ...over,
    text,
  };
};

describe('plainText', () => {
  it('leaves out colours and spells out what else is no text', () => {
    expect(plainText('\u001b[33m[WARN]\u001b[0m low')).toBe('[WARN] low');
    expect(plainText('\u001b]8;;http://x.example\u0007link\u001b]8;;\u0007')).toBe('link');
    expect(plainText('a\u0007b\rc\u007f')).toBe('a\u2407b\u240dc\u2421');
    expect(plainText('safe\u202egpj.exe')).toBe('safe<U+202E>gpj.exe');
    expect(plainText('one\r\ntwo\tthree')).toBe('one\ntwo\tthree');
  });

  it('never leaves a control code but tabs and line breaks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(plainText(text)).not.toMatch(/[^\P{Cc}\t\n]|[\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});

describe('a search', () => {
  it('for text finds exactly that, without regard to capitals', () => {
    const search = plainSearch('a.B');
    expect(search.finds('xA.bx')).toBe(true);
    expect(search.finds('aXb')).toBe(false);
    expect(search.ranges('a.b A.B')).toEqual([
      [0, 3],
      [4, 7],
    ]);
  });

  it('for a pattern finds and marks what it matches', async () => {
    const search = await patternSearch('cell \\d+|odom');
    expect(search.finds('robot at CELL 17')).toBe(true);
    expect(search.finds('robot at cell x')).toBe(false);
    expect(search.ranges('cell 17, odom')).toEqual([
      [0, 7],
      [9, 13],
    ]);
    expect((await patternSearch('x*')).ranges('aaa')).toEqual([]);
  });

  it('says what is wrong with a pattern', async () => {
    await expect(patternSearch('a(b')).rejects.toThrow(PatternError);
    await expect(patternSearch('a(b')).rejects.toThrow(/^missing closing \): `a\(b`$/);
    await expect(patternSearch('(?=a)')).rejects.toThrow('look-around');
  });

  it('by a pattern that takes others for ever is through at once', async () => {
    const search = await patternSearch('^(a+)+$');
    const begin = performance.now();
    expect(search.finds(`${'a'.repeat(5_000)}b`)).toBe(false);
    expect(performance.now() - begin).toBeLessThan(20_000);
  });
});

describe('the height of a row', () => {
  const before = line();
  it('is one line where nothing is wrapped', () => {
    expect(rowHeight(line({ text: 'x'.repeat(500) }), before, null)).toBe(LINE_PX);
  });

  it('counts rows of wrapped text, and of each of its lines', () => {
    expect(rowHeight(line({ text: 'x'.repeat(80) }), before, 80)).toBe(LINE_PX);
    expect(rowHeight(line({ text: 'x'.repeat(81) }), before, 80)).toBe(2 * LINE_PX);
    expect(rowHeight(line({ text: `${'x'.repeat(81)}\n\ny` }), before, 80)).toBe(4 * LINE_PX);
    expect(rowHeight(line({ text: '' }), before, 80)).toBe(LINE_PX);
    expect(rowHeight(line({ text: 'x'.repeat(75), source: 'systemd' }), before, 80)).toBe(2 * LINE_PX);
  });

  it('has room for the day and the run where they change', () => {
    expect(rowHeight(line(), undefined, null)).toBe(LINE_PX + 2 * HEADING_PX);
    expect(rowHeight(line({ run: 'b' }), before, null)).toBe(LINE_PX + HEADING_PX);
    expect(rowHeight(line({ run: null }), before, null)).toBe(LINE_PX);
  });
});

describe('the file', () => {
  it('has one entry a line, what is below it indented', () => {
    expect(logText([line({ text: 'one\ntwo' })])).toMatch(
      /^2026-11-2\dT\d\d:\d\d:00\.123[+-]\d\d:\d\d warning rovi-nav\[12\]: one\n {4}two\n$/,
    );
    expect(logText([line({ identifier: null, pid: null })])).toContain(' unknown: hello\n');
  });

  it('has times that mean the same moment', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
        expect(Date.parse(localTime(date.getTime()))).toBe(date.getTime());
      }),
    );
  });

  it('has a name that every file system takes', () => {
    expect(logFileName('My Robot/1', 'nav', Date.parse('2026-11-21T09:30:00Z'))).toMatch(
      /^My_Robot_1-nav-2026-11-2\dT\d\d-\d\d-00\.log$/,
    );
  });
});
