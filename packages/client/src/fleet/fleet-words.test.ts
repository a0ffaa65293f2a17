import { expect, it } from 'vitest';
import { runOutcome, runTally } from './fleet-words.js';
import { sampleRun } from './sample-fleet.js';

it('a run goes on until every robot has ended, and an outcome nobody knows is no success', () => {
  const outcome = (...states: Parameters<typeof sampleRun>[0][number]['state'][]) =>
    runOutcome(sampleRun(states.map((state) => ({ ...(state === undefined ? {} : { state }) }))));
  expect(outcome('succeeded', 'sent')).toBe('going');
  expect(outcome('succeeded', 'succeeded')).toBe('done');
  expect(outcome('succeeded', 'unknown')).toBe('partly');
  expect(outcome('unknown', 'expired')).toBe('failed');
});

it('counts robots by how they stand', () => {
  const run = sampleRun([{ state: 'failed' }, { state: 'succeeded' }, {}, { state: 'succeeded' }]);
  expect(runTally(run)).toEqual([
    ['succeeded', 2],
    ['waiting', 1],
    ['failed', 1],
  ]);
});
