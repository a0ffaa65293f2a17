import { snapshotSchema } from '@rovi/contract';
import { sampleService } from '@rovi/contract/sample-service';
import { expect, it } from 'vitest';
import { lastWords } from './last-words.js';
import { sampleSnapshot } from './sample-snapshot.fixture.js';

it('leaves a whole snapshot behind that claims to know nothing', () => {
  const last = lastWords(sampleSnapshot());
  expect(snapshotSchema.parse(last)).toEqual(last);
  expect(last).toMatchObject({ active: null, known: false, bus: { connected: false } });
  for (const stack of last.stacks) {
    expect(stack).toMatchObject({ state: 'UNKNOWN', verdict: { level: 'stale' } });
    expect(stack.expected.every(({ present, pid }) => present === null && pid === null)).toBe(true);
  }
});

it('claims to know nothing of services either', () => {
  const last = lastWords(sampleSnapshot({ services: [sampleService('camera')] }));
  expect(snapshotSchema.parse(last)).toEqual(last);
  const unknown = { state: 'UNKNOWN', level: 'stale' };
  expect(last.services).toMatchObject([
    {
      ...unknown,
      health: 'unknown',
      instances: [{ ...unknown, health: { status: 'unknown', ready: false } }],
    },
  ]);
});

it('keeps what tells one snapshot from another, and changes nothing of the one it was given', () => {
  const before = sampleSnapshot();
  const { boot_id, seq, robot, stacks } = lastWords(before);
  expect({ boot_id, seq, robot }).toEqual({ boot_id: before.boot_id, seq: before.seq, robot: 'rovi-7' });
  expect(stacks.map(({ name }) => name)).toEqual(['teleop', 'nav']);
  expect(before).toEqual(sampleSnapshot());
});
