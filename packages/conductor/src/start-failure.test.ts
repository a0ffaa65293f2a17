import { describe, expect, it } from 'vitest';
import type { JobOutcome, UnitReading } from './ports/unit-manager.js';
import { exitCauseOf } from './exit-cause.js';
import { startFailure } from './start-failure.js';
import { reading } from './unit-reading.fixture.js';

const exited = (status: number) =>
  reading({ activeState: 'failed', result: 'exit-code', execMainCode: 1, execMainStatus: status });

const line = {
  cursor: 'c',
  at: '2026-01-01T00:00:00Z',
  unit: 'rovi-nav.service',
  invocation_id: null,
  pid: 1,
  priority: 6,
  identifier: 'rovi-nav',
  transport: 'stdout',
  stream: null,
};

function failure(result: JobOutcome['result'], seen: UnitReading, endedWithin: string | null = null) {
  return startFailure({
    stack: 'nav',
    unit: 'rovi-nav.service',
    result,
    reading: seen,
    lines: [],
    holders: [{ pid: 42, comm: 'ros2', unit: 'rovi-teleop.service' }],
    endedWithin,
  });
}

describe('why a start failed', () => {
  it.each([
    ['dependency', reading(), 'gateway-down'],
    ['failed', reading({ activeState: 'failed', result: 'start-limit-hit' }), 'start-limit'],
    ['failed', exited(75), 'lock-lost'],
    ['skipped', reading({ conditionResult: false }), 'start-skipped'],
    ['done', reading({ conditionResult: false }), 'start-skipped'],
    ['canceled', reading(), 'start-cancelled'],
    ['failed', exited(1), 'start-failed'],
    ['lost', exited(78), 'start-failed'],
  ] as const)('a job that ends "%s" is told apart: %#', (result, seen, code) => {
    expect(failure(result, seen).code).toBe(code);
  });

  it('names who holds the lock', () => {
    expect(failure('failed', exited(75)).message).toBe(
      'nav did not get the stack lock: held by PID 42 (ros2, rovi-teleop.service)',
    );
  });

  it('says what the runner waited for where nobody holds the lock any more', () => {
    const said =
      'nav did not get the robot within 5 s: rovi-teleop.service does not hold the lock, but joy_node (PID 7) is alive';
    const lines = [`run_stack: ${said}`, 'Failed to start rovi-nav.service.'].map((message) => ({
      ...line,
      message,
    }));
    const facts = { stack: 'nav', unit: 'rovi-nav.service', result: 'failed', endedWithin: null } as const;
    expect(startFailure({ ...facts, reading: exited(75), lines, holders: [] }).message).toBe(said);
  });

  it('says of a stack that had come up whole that it ended, and within which time', () => {
    expect(failure('failed', exited(7), '1 s').message).toBe(
      'nav came up, but ended within 1 s: exit code 7',
    );
    expect(failure('canceled', reading(), '1 s').message).toBe(
      'nav came up, but another job on rovi-nav.service ended it within 1 s',
    );
  });

  it.each([
    [exited(78), 'exit code 78: the environment file is missing or malformed'],
    [exited(3), 'exit code 3'],
    [reading({ result: 'signal', execMainCode: 2, execMainStatus: 11 }), 'killed by SIGSEGV'],
    [reading({ result: 'core-dump', execMainCode: 3, execMainStatus: 6 }), 'killed by SIGABRT (core dumped)'],
    [reading({ result: 'signal', execMainCode: 2, execMainStatus: 40 }), 'killed by signal 40'],
    [
      reading({ result: 'timeout', execMainCode: 2, execMainStatus: 9 }),
      "systemd's time limit ran out (killed by SIGKILL)",
    ],
    [
      reading({ result: 'oom-kill', execMainCode: 2, execMainStatus: 9 }),
      'out of memory (killed by SIGKILL)',
    ],
  ])('puts the exit cause into words: %#', (seen, text) => {
    expect(exitCauseOf(seen).text).toBe(text);
  });
});
