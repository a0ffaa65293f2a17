import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stampOf } from './stamp.js';

describe('a stamp', () => {
  it('is seconds and nanoseconds since the epoch', () => {
    expect(stampOf('1970-01-01T00:00:01.250Z')).toEqual({ sec: 1, nanosec: 250_000_000 });
    expect(stampOf(1_772_366_400_001)).toEqual({ sec: 1_772_366_400, nanosec: 1_000_000 });
    expect(stampOf('1969-12-31T23:59:59.750Z')).toEqual({ sec: -1, nanosec: 750_000_000 });
  });

  it('is zero where there is no moment', () => {
    for (const none of [null, 'yesterday', '', Number.NaN, Infinity]) {
      expect(stampOf(none)).toEqual({ sec: 0, nanosec: 0 });
    }
  });

  it('never has a whole second of nanoseconds', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 4e12, noNaN: true }), (ms) => {
        const { sec, nanosec } = stampOf(ms);
        expect(Number.isInteger(sec) && Number.isInteger(nanosec)).toBe(true);
        expect(nanosec).toBeGreaterThanOrEqual(0);
        expect(nanosec).toBeLessThan(1e9);
        expect(Math.abs(sec * 1000 + nanosec / 1e6 - ms)).toBeLessThan(0.001);
      }),
      { examples: [[999.999999999]] },
    );
  });
});
