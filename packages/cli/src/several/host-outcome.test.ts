import type { ErrorCode } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { exitCodeOfAll, failedOutcome, type OutcomeWord } from './host-outcome.js';

const one = (outcome: OutcomeWord, code: ErrorCode | null = null) => ({
  outcome,
  problem: code === null ? null : { code, message: '', mend: '', context: {} },
});
const done = one('succeeded');
const away = one('failed', 'host-unreachable');
const busy = one('failed', 'stack-busy');
const untouched = one('untouched');

describe('what a command on several hosts exits with', () => {
  it.each([
    ['all did it', [done, done], 0],
    ['one did not', [done, away], 8],
    ['one may have', [done, one('unknown', 'gateway-unreachable')], 8],
    ['some were not touched', [done, busy, untouched], 8],
    ['none did, all for one reason', [away, away], 5],
    ['none did, for several: the first counts', [busy, away], 3],
    ['nothing was done for one that is away', [untouched, away, untouched], 5],
    ['one may have, no other', [one('unknown', 'gateway-unreachable')], 5],
    ['Ctrl-C, whatever was done by then', [done, one('watched-no-more'), away], 130],
  ])('%s', (_case, outcomes, code) => {
    expect(exitCodeOfAll(outcomes)).toBe(code);
  });
});

it('a command whose connection was lost is neither done nor failed', () => {
  const problem = { code: 'gateway-unreachable', message: 'lost', mend: '', context: {} } as const;
  expect(failedOutcome('yard', null, problem).outcome).toBe('failed');
  expect(failedOutcome('yard', null, { ...problem, context: { outcome: 'unknown' } }).outcome).toBe(
    'unknown',
  );
});
