import type { LogEntry } from '@rovi/contract';
import { expect, it } from 'vitest';
import type { UnitReading } from '../ports/unit-manager.js';
import { VirtualClock } from '../robot-model.js';
import { InstanceStory } from './instance-story.js';

const RUN = 'a'.repeat(32);
const entry = (message: string): LogEntry => ({
  cursor: message,
  at: '2026-01-01T00:00:00.000Z',
  unit: 'rovi-web.service',
  invocation_id: RUN,
  pid: 1,
  priority: 6,
  identifier: 'web',
  transport: 'stdout',
  stream: null,
  message,
});

/** A story over a journal that has nothing for so many milliseconds. */
function story(emptyMs: number) {
  const clock = new VirtualClock();
  const told: string[] = [];
  let changes = 0;
  const one = new InstanceStory({
    service: 'web',
    id: 1,
    unit: 'rovi-web.service',
    clock,
    journal: { read: () => Promise.resolve(clock.monotonic() < emptyMs ? [] : [entry('no camera')]) },
    several: () => false,
    tell: ({ text }) => told.push(text),
    changed: () => {
      changes += 1;
    },
  });
  return { one, clock, told, changes: () => changes };
}
const ended = { invocationId: RUN } as UnitReading;

it('lines that a slow journal did not have in time are shown when they come, and nobody waits for them', async () => {
  const { one, clock, told, changes } = story(4_500);
  one.recall(ended);
  one.tell('service_failed', 'failed');
  await clock.advance(2_500);
  expect([told, one.lines(RUN)]).toEqual([['web: failed'], []]);
  const before = changes();
  await clock.advance(5_000);
  expect(one.lines(RUN)).toEqual(['no camera']);
  expect(changes()).toBeGreaterThan(before);
});

it('those of a run that is no longer the last are not asked for any more', async () => {
  const { one, clock } = story(4_500);
  one.recall(ended);
  await clock.advance(2_500);
  one.recall({ ...ended, invocationId: null });
  await clock.advance(60_000);
  expect(one.lines(RUN)).toEqual([]);
});
