import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eachAtOnce } from './at-once.js';

it('answers in the order of the items, and never has more in hand than it may', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.nat({ max: 5 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      async (turns, atOnce) => {
        let inHand = 0;
        let most = 0;
        const answers = await eachAtOnce([...turns.entries()], atOnce, async ([index, count]) => {
          inHand += 1;
          most = Math.max(most, inHand);
          for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
          inHand -= 1;
          return index;
        });
        expect(answers).toEqual([...turns.keys()]);
        expect(most).toBeLessThanOrEqual(atOnce);
      },
    ),
  );
});

it('one that is slow holds up nobody but the end', async () => {
  const ended: string[] = [];
  const release: (() => void)[] = [];
  const slow = new Promise<void>((resolve) => release.push(resolve));
  const all = eachAtOnce(['slow', 'a', 'b', 'c'], 2, async (name) => {
    if (name === 'slow') await slow;
    ended.push(name);
    if (name === 'c') release[0]?.();
  });
  await all;
  expect(ended).toEqual(['a', 'b', 'c', 'slow']);
});
