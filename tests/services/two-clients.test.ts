/** Two clients at once on the same services: each gets the truth, a stop waits for nobody, and nothing is half done. */
import { afterEach, expect, test } from 'vitest';
import { failureOf } from '../installed-robot.js';
import { held, HeldServices, TEN, unit } from './held-services.js';

const story = new HeldServices('two-clients', { ...TEN, pool: held({ instances: { min: 1, max: 4 } }) });
const { installed } = story;

const codeOf = async (attempt: Promise<unknown>): Promise<string> => (await failureOf(attempt)).code;
const scaleOf = async (name: string) => {
  const { text, wanted } = await story.service(name);
  return { text, wanted };
};

afterEach(() => story.rest());

test('a stop of what a start needs ends it; a start of what a stop has in hand is refused, another stop is not', async () => {
  await story.set('hold-d-1');
  const start = codeOf(installed.api.startService('top'));
  await installed.waitForUnit(unit('d'), 'activating');
  // Nothing comes up any more between what the stop is told it would hit and the stop itself.
  await story.shown('all that does not need d to run', (all) =>
    all.every(({ name, state }) => !['a', 'b', 'c', 'e'].includes(name) || state === 'RUNNING'),
  );
  expect((await installed.rovictl(['service', 'stop', 'a', '--yes'])).code).toBe(0);
  expect(await start).toBe('operation-cancelled');
  expect(await story.systemd()).toEqual(['b:active', 'bus:active']);

  await installed.api.startService('c');
  await story.set('slow-c-1');
  const first = installed.rovictl(['service', 'stop', 'a', '--yes']);
  await installed.waitForUnit(unit('c'), 'deactivating');
  expect(await codeOf(installed.api.startService('e'))).toBe('service-busy');
  const second = installed.api.stopService('c');
  await installed.robot.waitFor('both stops to be under way', async () => {
    const running = (await installed.api.operations()).filter(({ outcome }) => outcome === 'running');
    return running
      .map(({ service }) => service)
      .sort()
      .join() === 'a,c'
      ? true
      : null;
  });
  await story.clear('slow-c-1');
  expect((await first).code).toBe(0);
  expect((await second).outcome).toBe('succeeded');
  expect(await story.systemd()).toEqual(['b:active', 'bus:active']);
});

test('of two that scale or restart one is refused; a stop ends the other, and its scale with it', async () => {
  await story.set('hold-pool-3');
  const scale = codeOf(installed.api.scaleService('pool', 3));
  await installed.waitForUnit(unit('pool@3'), 'activating');
  expect(await codeOf(installed.api.scaleService('pool', 2))).toBe('service-busy');
  expect(await codeOf(installed.api.restartService('pool', { rolling: true }))).toBe('service-busy');
  expect((await installed.api.stopService('pool')).outcome).toBe('succeeded');
  expect(await scale).toBe('operation-cancelled');
  expect(await story.systemd()).toEqual([]);
  await installed.api.startService('pool');
  expect(await scaleOf('pool')).toEqual({ text: 'running', wanted: 1 });
});

test('a rolling restart refuses a scaling, ends with a stop past Rovi, and touches nothing more in a maintenance', async () => {
  await installed.api.scaleService('pool', 3);
  await story.set('hold-pool-2');
  const past = failureOf(installed.api.restartService('pool', { rolling: true }));
  await installed.waitForUnit(unit('pool@2'), 'activating');
  for (const instances of [1, 4])
    expect(await codeOf(installed.api.scaleService('pool', instances))).toBe('service-busy');
  await installed.systemctl(['stop', unit('pool@2')]);
  expect(await past).toMatchObject({
    code: 'rolling-stopped',
    context: { failed: 2, done: [1], untouched: [3] },
  });
  await story.clear('hold-pool-2');
  await installed.api.scaleService('pool', 3);

  await story.set('hold-pool-1');
  const maintained = failureOf(installed.api.restartService('pool', { rolling: true }));
  await installed.waitForUnit(unit('pool@1'), 'activating');
  await installed.rovictl(['maintenance', 'begin', 'pool', '--reason', 'a new lens']);
  await story.clear('hold-pool-1');
  expect(await maintained).toMatchObject({
    code: 'rolling-stopped',
    context: { done: [1], untouched: [2, 3], problem: { code: 'in-maintenance' } },
  });
  expect(await scaleOf('pool')).toEqual({ text: '3 of 3 instances running', wanted: 3 });
});

installed.expectNoWarningsBut();
