import fc from 'fast-check';
import { expect, it } from 'vitest';
import { VirtualClock } from '../robot-model.js';
import { LookBudget } from './look-budget.js';

it('begins work at most floor(others / places) times 250 ms late, however long any of it hangs', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          due: fc.integer({ min: 0, max: 2_000 }),
          lasts: fc.oneof(fc.integer({ min: 0, max: 400 }), fc.constant(Number.POSITIVE_INFINITY)),
        }),
        { minLength: 1, maxLength: 90 },
      ),
      async (works) => {
        const clock = new VirtualClock();
        const budget = new LookBudget(clock);
        const late: number[] = [];
        for (const { due, lasts } of works) {
          clock.at(due, () => {
            void budget.run(async () => {
              late.push(clock.monotonic() - due);
              await (lasts === Number.POSITIVE_INFINITY ? new Promise(() => undefined) : clock.sleep(lasts));
            });
          });
        }
        await clock.advance(10_000);
        expect(late).toHaveLength(works.length);
        expect(Math.max(...late)).toBeLessThanOrEqual(Math.floor((works.length - 1) / 16) * 250);
      },
    ),
    { numRuns: 60 },
  );
});

it('has all its places again when everything has ended, also what rejected', async () => {
  const clock = new VirtualClock();
  const budget = new LookBudget(clock);
  for (let round = 0; round < 3; round += 1) {
    const running = new Set<number>();
    let most = 0;
    const all = Array.from({ length: 40 }, (_, index) =>
      budget
        .run(async () => {
          running.add(index);
          most = Math.max(most, running.size);
          await clock.sleep(10);
          running.delete(index);
          if (index % 3 === 0) throw new Error('no');
        })
        .catch(() => undefined),
    );
    await clock.advance(100);
    await Promise.all(all);
    expect(most).toBe(16);
  }
});
