import { describe, expect, it } from 'vitest';
import { endOf } from './maintenance-end.js';

const NOW = new Date(2026, 2, 1, 12, 0, 0).getTime();
const local = (...parts: [number, number, number, number, number]): string =>
  new Date(...parts).toISOString();

describe('the end of a maintenance', () => {
  it.each([
    [{}, null],
    [{ for: '90s' }, new Date(NOW + 90_000).toISOString()],
    [{ for: '2h' }, local(2026, 2, 1, 14, 0)],
    [{ until: '17:30' }, local(2026, 2, 1, 17, 30)],
    [{ until: '9:15' }, local(2026, 2, 2, 9, 15)],
    [{ until: '12:00' }, local(2026, 2, 2, 12, 0)],
    [{ until: '2026-03-05' }, local(2026, 2, 5, 0, 0)],
    [{ until: '2026-03-05 08:00' }, local(2026, 2, 5, 8, 0)],
    [{ until: '2026-03-05T08:00:00Z' }, '2026-03-05T08:00:00.000Z'],
  ])('%j → %s', (said, expected) => {
    expect(endOf(said, NOW)).toBe(expected);
  });

  it.each([
    { for: '2' },
    { for: '0h' },
    { for: 'long' },
    { until: '24:00' },
    { until: 'tomorrow' },
    { until: '2026-02-01' },
    { until: '2026-13-01' },
  ])('%j is refused', (said) => {
    expect(() => endOf(said, NOW)).toThrow(/expected|passed/);
  });
});
