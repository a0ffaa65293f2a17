import type { ProbeResult } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkBars, checkBarsText } from './check-bars.js';

const look = (ok: boolean | null, ms: number): ProbeResult => ({
  at: '2026-03-01T12:00:00.000Z',
  ok,
  text: '',
  duration_ms: ms,
  figures: {},
});

describe('the bars of a check', () => {
  it('show a failed look by its height too', () => {
    const bars = checkBars([look(true, 100), look(false, 1), look(null, 1), look(true, 10)]);
    expect(bars.map(({ tone }) => tone)).toEqual(['good', 'bad', 'unknown', 'good']);
    expect(bars[1]?.height).toBe(1);
    expect(bars[0]?.height).toBeLessThan(1);
  });

  it('are never higher than the picture, and never invisible', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(true, false, null), fc.double({ min: 0, max: 1e6, noNaN: true }))),
        (looks) => {
          for (const { height } of checkBars(looks.map(([ok, ms]) => look(ok, ms)))) {
            expect(height).toBeGreaterThanOrEqual(0.12);
            expect(height).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it('are told in words', () => {
    expect(checkBarsText([])).toBe('no look yet');
    expect(checkBarsText([look(true, 4)])).toBe('last look: 1 passed, each 4 ms');
    expect(checkBarsText([look(true, 4), look(false, 80), look(null, 9)])).toBe(
      'last 3 looks: 1 passed, 1 failed, 1 without a result, 4 ms to 80 ms',
    );
  });
});
