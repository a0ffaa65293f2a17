import { describe, expect, it } from 'vitest';
import type { UnitReading } from '../ports/unit-manager.js';
import { reading } from '../unit-reading.fixture.js';
import { RunCounter } from './run-counter.js';

const run = (digit: string): string => digit.repeat(32);

/** What systemd 252 tells of a unit with ExecStopPost=, such as a container's, whose start fails and is tried again. */
function failingStart(digit: string, id: number, nRestarts: number): UnitReading[] {
  const job = { id, type: nRestarts === 0 ? 'start' : 'unknown' };
  const one = { invocationId: run(digit), nRestarts, job };
  const failed = { ...one, result: 'exit-code', execMainCode: 1, execMainStatus: 125 };
  return [
    reading({ ...one, activeState: 'inactive', subState: 'dead' }),
    reading({ ...one, activeState: 'activating', subState: 'start', mainPid: 10 }),
    reading({ ...failed, activeState: 'deactivating', subState: 'stop-post' }),
    reading({ ...failed, activeState: 'failed', subState: 'failed' }),
    reading({ ...failed, activeState: 'failed', subState: 'failed', job: null }),
    reading({ ...failed, activeState: 'activating', subState: 'auto-restart', job: null }),
    reading({
      ...failed,
      activeState: 'activating',
      subState: 'auto-restart',
      nRestarts: nRestarts + 1,
      job: { id: id + 1, type: 'unknown' },
    }),
  ];
}

/** systemd was to start it once more, and refused. */
function refusal(digit: string, id: number, nRestarts: number): UnitReading[] {
  const one = { invocationId: run(digit), nRestarts, result: 'exit-code', job: { id, type: 'unknown' } };
  return [
    reading({ ...one, activeState: 'inactive', subState: 'dead' }),
    reading({ ...one, activeState: 'failed', subState: 'failed' }),
    reading({ ...one, activeState: 'failed', subState: 'failed', job: null }),
  ];
}

function taken(readings: readonly UnitReading[]): RunCounter {
  const counter = new RunCounter();
  let before = reading();
  for (const now of readings) {
    counter.observe(before, now);
    before = now;
  }
  return counter;
}

describe('a unit whose start fails before it is up, and which cleans up behind it', () => {
  it('crashes each time: nobody asked for its end', () => {
    const readings = [...failingStart('a', 1, 0), ...failingStart('b', 2, 1), ...refusal('b', 3, 2)];
    const counter = taken(readings);
    expect(counter.counts).toMatchObject({ crashes: 2, asked: null });
    expect(counter.refused(readings.at(-1) ?? reading())).toBe(true);
  });

  it('ends as asked where somebody stops it meanwhile', () => {
    const [rest, starting, cleaning] = failingStart('a', 1, 0);
    const stop = { id: 2, type: 'stop' };
    const stopped = [
      { ...(cleaning ?? reading()), job: stop },
      { ...(cleaning ?? reading()), activeState: 'failed', subState: 'failed', job: stop },
    ];
    const counter = taken([rest, starting, cleaning, ...stopped].flatMap((one) => one ?? []));
    expect(counter.counts).toMatchObject({ crashes: 0, asked: run('a') });
  });
});
