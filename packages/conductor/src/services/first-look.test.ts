import { expect, it } from 'vitest';
import { firstLookAfter } from './first-look.js';

it('spreads the first looks of 200 checks: at most 12 in any 20 ms, where 4 would be even', () => {
  const slots = new Map<number, number>();
  for (let id = 1; id <= 200; id += 1) {
    const after = firstLookAfter(`camera/${id}/0`, { interval: 10_000, found: true });
    expect(after).toBeGreaterThanOrEqual(0);
    expect(after).toBeLessThan(1_000);
    slots.set(Math.floor(after / 20), (slots.get(Math.floor(after / 20)) ?? 0) + 1);
  }
  expect(Math.max(...slots.values())).toBeLessThanOrEqual(12);
  expect(slots.size).toBeGreaterThan(40);
});

it('is the same each time, soon for what somebody waits for, and never later than an interval', () => {
  const options = { interval: 10_000, found: false };
  expect(firstLookAfter('video/1/0', options)).toBe(firstLookAfter('video/1/0', options));
  expect(firstLookAfter('video/1/0', options)).toBeLessThan(100);
  expect(firstLookAfter('video/1/0', { interval: 50, found: true })).toBeLessThan(50);
});
