import { stackStates, verdictLevelSchema } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { stateWord, toneOf } from './tone.js';

describe('toneOf', () => {
  it('never shows as known what is not', () => {
    for (const level of verdictLevelSchema.options) expect(toneOf('UNKNOWN', level)).toBe('unknown');
    expect(toneOf('RUNNING', 'stale')).toBe('unknown');
    expect(toneOf('STOPPED', 'stale')).toBe('unknown');
  });

  it('is good only for what runs as intended', () => {
    const good = stackStates.flatMap((state) =>
      verdictLevelSchema.options
        .filter((level) => toneOf(state, level) === 'good')
        .map((level) => [state, level]),
    );
    expect(good).toEqual([['RUNNING', 'ok']]);
  });

  it('shows a failure as one, and a stop that ended by itself as a warning', () => {
    expect(toneOf('FAILED', 'error')).toBe('bad');
    expect(toneOf('STOPPED', 'warn')).toBe('warn');
    expect(toneOf('STOPPED', 'ok')).toBe('rest');
  });
});

describe('stateWord', () => {
  it('tells the past from the present', () => {
    expect(stateWord('RUNNING', true)).toBe('Running');
    expect(stateWord('RUNNING', false)).toBe('Was running');
    expect(stateWord('UNKNOWN', false)).toBe('Unknown');
  });
});
