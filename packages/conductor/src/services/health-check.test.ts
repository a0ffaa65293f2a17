import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { CheckState } from './health-check.js';
import { foldLook, unlooked } from './health-check.js';

const look = (ok: boolean | null) => ({
  at: '2026-01-01T00:00:00.000Z',
  ok,
  text: 'x',
  duration_ms: 1,
  figures: {},
});

/**
 * The rule, told from the end instead of step by step: the last row of looks that was long enough decides. Rows are of
 * looks that said something; a failed one of the start period belongs to no row and ends one.
 */
function passingBy(
  looks: readonly { ok: boolean | null; early: boolean }[],
  { failures, successes }: { failures: number; successes: number },
): boolean | null {
  const words = looks
    .filter(({ ok }) => ok !== null)
    .map(({ ok, early }) => (ok === true ? 'G' : early ? '-' : 'F'))
    .join('');
  const good = words.lastIndexOf('G'.repeat(successes));
  const bad = words.lastIndexOf('F'.repeat(failures));
  if (good < 0 && bad < 0) return null;
  return good >= 0 && (bad < 0 || good + successes > bad + failures);
}

it('decides for any looks as the thresholds say', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          ok: fc.oneof({ weight: 3, arbitrary: fc.boolean() }, { weight: 1, arbitrary: fc.constant(null) }),
          early: fc.boolean(),
        }),
        { maxLength: 40 },
      ),
      fc.record({ failures: fc.integer({ min: 1, max: 4 }), successes: fc.integer({ min: 1, max: 4 }) }),
      (looks, thresholds) => {
        let state: CheckState = unlooked;
        for (const [index, { ok, early }] of looks.entries()) {
          const before = state;
          state = foldLook(before, { result: look(ok), early }, thresholds);
          expect(state.passing).toBe(passingBy(looks.slice(0, index + 1), thresholds));
          expect(state.last?.ok).toBe(ok);
          if (ok === null) expect({ ...state, last: null }).toEqual({ ...before, last: null });
        }
      },
    ),
    { numRuns: 500 },
  );
});
