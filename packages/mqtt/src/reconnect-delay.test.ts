import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reconnectDelay } from './reconnect-delay.js';

it('doubles from half a second to half a minute, and takes off a quarter at most', () => {
  expect([1, 2, 3, 7, 8, 1e9].map((failures) => reconnectDelay(failures, 0))).toEqual([
    500, 1_000, 2_000, 30_000, 30_000, 30_000,
  ]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 100 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (failures, random) => {
        const full = reconnectDelay(failures, 0);
        expect(reconnectDelay(failures, random)).toBeGreaterThanOrEqual(full * 0.75);
        expect(reconnectDelay(failures, random)).toBeLessThanOrEqual(full);
      },
    ),
  );
});
