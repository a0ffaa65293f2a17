import { describe, expect, it } from 'vitest';
import { ageText, bytesText, durationText, localTimes } from './moment.js';
import { cutText, shownLength, wrapParts } from './lines.js';

describe('times in a text', () => {
  const noon = new Date(2026, 2, 1, 12, 0, 0);
  it('are local ones, with the date where it is not today, and stay what is none', () => {
    const text = `since ${noon.toISOString()}, not since 2026-99-01T00:00:00Z or 2026-03-01`;
    expect(localTimes(text, noon.getTime())).toBe(
      'since 12:00:00, not since 2026-99-01T00:00:00Z or 2026-03-01',
    );
    expect(localTimes(`(${noon.toISOString()})`, noon.getTime() - 86_400_000)).toBe('(2026-03-01 12:00:00)');
  });
});

describe('durations', () => {
  it.each([
    [-5, '0 ms'],
    [8.4, '8 ms'],
    [450, '0.5 s'],
    [12_000, '12 s'],
    [90_000, '1 min 30 s'],
    [600_000, '10 min'],
    [7_500_000, '2 h 5 min'],
    [97_200_000, '1 d 3 h'],
  ])('%i ms is %s', (ms, text) => {
    expect(durationText(ms)).toBe(text);
  });

  it('an age never is negative, nor falsely exact', () => {
    expect(ageText('2026-03-01T12:00:00.000Z', Date.parse('2026-03-01T11:59:00.000Z'))).toBe('just now');
    expect(ageText('2026-03-01T12:00:00.000Z', Date.parse('2026-03-01T12:00:04.900Z'))).toBe('4 s ago');
  });
});

describe('bytes', () => {
  it.each([
    [812, '812 B'],
    [831_488, '812 KiB'],
    [1_567_000_000, '1.46 GiB'],
  ])('%i is %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text);
  });
});

describe('lines', () => {
  it('wraps between parts only, and counts no colour codes', () => {
    expect(wrapParts(['aaa', 'bbb', 'cccccccccc'], ' · ', 9)).toEqual(['aaa · bbb', 'cccccccccc']);
    expect(shownLength('\u001b[31mred\u001b[39m')).toBe(3);
    expect(cutText('planner_server', 8)).toBe('planner…');
  });
});
