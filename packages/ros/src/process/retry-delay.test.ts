import { expect, it } from 'vitest';
import { retryDelay } from './retry-delay.js';

it('doubles from one second to half a minute, and stays there', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map(retryDelay)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  for (const failures of [100, 1e6, Number.MAX_SAFE_INTEGER]) expect(retryDelay(failures)).toBe(30_000);
});
