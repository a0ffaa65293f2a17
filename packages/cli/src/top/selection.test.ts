import fc from 'fast-check';
import { expect, it } from 'vitest';
import { moved, NO_SELECTION, settled } from './selection.js';

const keys = ['a', 'b', 'c', 'd', 'e'];

it('stays on the same row when rows move', () => {
  const on = moved(NO_SELECTION, 2, keys, 10);
  expect(on.key).toBe('c');
  expect(settled(on, ['c', 'a', 'b', 'd', 'e'], 10)).toMatchObject({ key: 'c', index: 0 });
  expect(settled(on, ['x', 'y', 'c'], 10)).toMatchObject({ key: 'c', index: 2 });
});

it('takes the same place where the row is gone, and none where there is none', () => {
  const on = moved(NO_SELECTION, 4, keys, 10);
  expect(settled(on, ['a', 'b'], 10)).toMatchObject({ key: 'b', index: 1 });
  expect(settled(on, [], 10)).toMatchObject({ key: null, index: 0, first: 0 });
});

it('is always on the screen, and the screen is never emptier than it must be', () => {
  const step = fc.record({
    by: fc.integer({ min: -20, max: 20 }),
    count: fc.nat(30),
    height: fc.integer({ min: 1, max: 12 }),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      let selection = NO_SELECTION;
      for (const { by, count, height } of steps) {
        const rows = Array.from({ length: count }, (_, index) => String(index));
        selection = moved(selection, by, rows, height);
        const { key, index, first } = selection;
        expect(key).toBe(rows[index] ?? null);
        expect(first).toBeLessThanOrEqual(index);
        if (count > 0) expect(index).toBeLessThan(first + height);
        expect(first).toBeLessThanOrEqual(Math.max(0, count - height));
      }
    }),
  );
});
