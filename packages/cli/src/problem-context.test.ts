import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { problemText } from './failure.js';

const plain = pc.createColors(false);
const now = Date.now();

describe('a problem for people', () => {
  it('names holder, cause, last lines and the mend', () => {
    const text = problemText(
      {
        code: 'start-failed',
        message: 'nav did not start: exit code 1',
        mend: 'Read the log.',
        context: {
          exit: { text: 'exit code 1' },
          lines: [{ message: 'no map \u001b[31mat all' }],
          holders: [{ pid: 7, comm: 'sleep', unit: null }],
        },
      },
      now,
      plain,
    );
    expect(text).toBe(
      'rovictl: nav did not start: exit code 1 [start-failed]\n' +
        '  lock held by: PID 7 · sleep · in no unit\n' +
        '  cause: exit code 1\n' +
        '  last journal lines:\n  │ no map at all\n' +
        '  mend: Read the log.\n',
    );
  });

  it('shows the holder that the gateway names beside its facts', () => {
    const since = new Date(2026, 2, 1, 12, 0, 0).toISOString();
    const context = { holder: 'nav', state: 'RUNNING', since, pid: 42 };
    expect(problemText({ code: 'stack-busy', message: 'x', mend: '', context }, now, plain)).toContain(
      'held by: nav · RUNNING · since 2026-03-01 12:00:00 · PID 42',
    );
  });

  it('says no fact of the message twice, and every time as the clock on the wall has it', () => {
    const today = new Date(2026, 2, 1, 12, 0, 0).getTime();
    const since = new Date(today).toISOString();
    const message = `nav holds the robot (running, since ${since}, PID 42)`;
    const context = { holder: 'nav', state: 'RUNNING', since, pid: 42 };
    const problem = { code: 'stack-busy', message, mend: 'Use switch.', context } as const;
    expect(problemText(problem, today + 60_000, plain)).toBe(
      'rovictl: nav holds the robot (running, since 12:00:00, PID 42) [stack-busy]\n  mend: Use switch.\n',
    );
    expect(problemText(problem, today + 86_400_000, plain)).toContain('since 2026-03-01 12:00:00, PID 42)');
  });

  it('shows both causes of a failed switch', () => {
    const context = {
      cause: { code: 'start-failed', message: 'nav did not start' },
      rollback: { code: 'lock-lost', message: 'teleop neither' },
    };
    expect(problemText({ code: 'switch-failed', message: 'x', mend: '', context }, now, plain)).toBe(
      'rovictl: x [switch-failed]\n  cause: nav did not start [start-failed]\n  going back: teleop neither [lock-lost]\n',
    );
  });

  it('leaves out what it does not understand', () => {
    const context = { holder: [1], holders: 'x', exit: 3, lines: { a: 1 }, missing: {}, issues: [null, 1] };
    expect(problemText({ code: 'internal', message: 'x', mend: '', context }, now, plain)).not.toContain(
      'undefined',
    );
  });
});
