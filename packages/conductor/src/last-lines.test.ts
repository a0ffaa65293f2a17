import type { LogEntry } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { lastLines } from './last-lines.js';
import type { JournalQuery } from './ports/journal.js';
import { VirtualClock } from './robot-model.js';

const entry = (message: string, transport = 'stdout'): LogEntry => ({
  cursor: message,
  at: '2026-01-01T00:00:00.000Z',
  unit: 'rovi-nav.service',
  invocation_id: 'a'.repeat(32),
  pid: 1,
  priority: 6,
  identifier: 'ros2',
  transport,
  stream: null,
  message,
});

const asked = {
  unit: 'rovi-nav.service',
  invocation: 'a'.repeat(32),
  lines: 40,
  ended: false,
  patienceMs: 1000,
  withinMs: 3000,
};

/** What is found in a journal that answers so, and after how many milliseconds. */
async function found(
  read: (query: JournalQuery, signal?: AbortSignal) => Promise<LogEntry[]>,
  change: Partial<typeof asked> = {},
) {
  const clock = new VirtualClock();
  let took: number | null = null;
  const result = lastLines({ journal: { read }, clock }, { ...asked, ...change }).then((lines) => {
    took = clock.monotonic();
    return lines;
  });
  await clock.advance(10_000);
  return { ...(await result), took };
}

describe('the last lines of a run', () => {
  it('are cut where they are long: hundreds of events hold them', async () => {
    const { lines } = await found(() =>
      Promise.resolve([entry(`x${'\u{1f916}'.repeat(32_000)}`), entry('short')]),
    );
    expect(lines.map(({ message }) => message)).toEqual([
      `x${'\u{1f916}'.repeat(999)} […62002 characters more]`,
      'short',
    ]);
  });

  it('are there at once where the run has said something', async () => {
    expect(await found(() => Promise.resolve([entry('x')]))).toMatchObject({
      lines: [{ message: 'x' }],
      error: null,
      took: 0,
    });
  });

  it('of a run that is over are asked for again until systemd has spoken of its end: before that comes what it died of', async () => {
    let times = 0;
    const whole = await found(
      () => {
        times += 1;
        const begun = [entry('Started', 'journal'), entry('loading the map')];
        return Promise.resolve(
          times < 4
            ? begun
            : [...begun, entry('no such map'), entry("Failed with result 'exit-code'", 'journal')],
        );
      },
      { ended: true },
    );
    expect(whole.lines.map(({ message }) => message)).toContain('no such map');
    expect(whole.took).toBeGreaterThan(0);
    expect(whole.took).toBeLessThan(1000);
    // Whoever spoke later than systemd is not waited for any longer than that.
    expect(await found(() => Promise.resolve([entry('x')]), { ended: true })).toMatchObject({
      lines: [{ message: 'x' }],
      took: 1000,
    });
  });

  it('are asked for again while only systemd has spoken', async () => {
    let times = 0;
    const late = await found(() => {
      times += 1;
      return Promise.resolve(
        times < 4 ? [entry('Started', 'journal')] : [entry('Started', 'journal'), entry('x')],
      );
    });
    expect(late.lines).toHaveLength(2);
    expect(late.took).toBeGreaterThan(0);
  });

  it('are waited for where the journal has no word of the run at all: not even systemd has one then', async () => {
    let times = 0;
    const behind = await found(() => {
      times += 1;
      return Promise.resolve(times < 50 ? [] : [entry('x')]);
    });
    expect(behind).toMatchObject({ lines: [{ message: 'x' }], error: null });
    expect(behind.took).toBeGreaterThan(1000);
    const never = await found(() => Promise.resolve([]));
    expect(never).toMatchObject({ lines: [], took: 3000 });
    expect(never.error?.code).toBe('journal-unavailable');
  });

  it('are what there is when the patience is over', async () => {
    const silent = (): Promise<LogEntry[]> => Promise.resolve([entry('Started', 'journal')]);
    expect(await found(silent)).toMatchObject({ lines: [{ message: 'Started' }], error: null, took: 1000 });
    expect((await found(silent, { patienceMs: 0 })).took).toBe(0);
  });

  it('come with the reason where the journal fails, or hangs', async () => {
    const broken = new RoviError('journal-unavailable', 'the journal is gone');
    expect(await found(() => Promise.reject(broken))).toMatchObject({ lines: [], error: broken, took: 0 });
    const hanging = await found(
      (_query, signal) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
        }),
    );
    expect(hanging).toMatchObject({ lines: [], took: 3000 });
    expect(hanging.error).toMatchObject({ message: 'the journal did not answer within 3 s' });
  });
});
