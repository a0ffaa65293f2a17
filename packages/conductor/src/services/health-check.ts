import type { CheckStatus, HealthCheck, ProbeResult } from '@rovi/contract';
import { healthCheckName } from '@rovi/contract';

/** How one check of one run stands. */
export type CheckState = Pick<CheckStatus, 'passing' | 'streak' | 'last'> & {
  /** Which way the streak goes; null where none has begun. */
  readonly streakOk: boolean | null;
};

/** Before the first look. */
export const unlooked: CheckState = { passing: null, streak: 0, streakOk: null, last: null };

/**
 * Takes in one look. `failures` failed looks in a row make the check fail, `successes` good ones make it pass; a look that
 * could not be taken is shown and changes nothing else. `early`: it began within the start period. A failed look then
 * ends a row of good ones, and does not count.
 */
export function foldLook(
  before: CheckState,
  { result, early }: { readonly result: ProbeResult; readonly early: boolean },
  { failures, successes }: Pick<HealthCheck, 'failures' | 'successes'>,
): CheckState {
  const { ok } = result;
  if (ok === null) return { ...before, last: result };
  if (!ok && early) return { ...before, streak: 0, streakOk: null, last: result };
  const streak = before.streakOk === ok ? before.streak + 1 : 1;
  const decided = streak >= (ok ? successes : failures);
  return { passing: decided ? ok : before.passing, streak, streakOk: ok, last: result };
}

/** The check as faces show it. */
export function checkStatusOf(check: HealthCheck, { passing, streak, last }: CheckState): CheckStatus {
  return { name: healthCheckName(check), role: check.role, type: check.probe.type, passing, streak, last };
}
