/** The bus is lost in the middle of what is done to services: nothing wrong is said, and all goes on when it is back. */
import { afterEach, expect, test } from 'vitest';
import { failureOf } from '../installed-robot.js';
import { held, HeldServices, TEN, unit } from './held-services.js';

const story = new HeldServices('services-lost-bus', {
  ...TEN,
  pool: held({ instances: { min: 1, max: 4 } }),
});
const { installed } = story;

afterEach(() => story.rest());

test('a start in waves goes on; a cascade of stops is proved when systemd can be asked, and not before', async () => {
  await story.set('hold-c-1', 'hold-d-1');
  const start = installed.api.startService('top');
  await installed.waitForUnit(unit('c'), 'activating');
  await installed.waitForUnit(unit('d'), 'activating');
  await story.shown('d to be starting', (all) =>
    all.some(({ name, state }) => name === 'd' && state === 'STARTING'),
  );
  await story.loseBus();
  await story.clear('hold-c-1', 'hold-d-1');
  await installed.waitForUnit(unit('d'), 'active');
  expect(await story.service('d')).toMatchObject({
    state: 'UNKNOWN',
    text: 'unknown: no connection to systemd, last seen starting',
  });
  await story.findBus();
  expect(await start).toMatchObject({ outcome: 'succeeded', message: 'top is ready' });

  await story.set('slow-h-1');
  const stop = installed.rovictl(['service', 'stop', 'bus', '--yes']);
  await installed.waitForUnit(unit('h'), 'deactivating');
  await story.loseBus();
  await story.clear('slow-h-1');
  await installed.waitForUnit(unit('bus'), 'inactive');
  expect((await story.service('bus')).state).toBe('UNKNOWN');
  expect((await installed.api.operations())[0]).toMatchObject({ kind: 'stop', outcome: 'running' });
  await story.findBus();
  expect(await stop).toMatchObject({ code: 0 });
  expect(await story.systemd()).toEqual([]);
});

test('a scaling and a rolling restart go on; meanwhile no instance is claimed, or meant, to run that did not', async () => {
  await installed.api.startService('pool');
  await story.loseBus();
  expect(await story.service('pool')).toMatchObject({
    state: 'UNKNOWN',
    wanted: 1,
    text: 'unknown: no connection to systemd, last seen 1 of 1 instances running',
  });
  expect((await failureOf(installed.api.scaleService('pool', 2))).code).toBe('bus-unavailable');
  await story.findBus();
  await story.set('hold-pool-2');
  const scale = installed.api.scaleService('pool', 3);
  await installed.waitForUnit(unit('pool@2'), 'activating');
  await story.loseBus();
  await story.clear('hold-pool-2');
  await story.findBus();
  expect(await scale).toMatchObject({ outcome: 'succeeded', message: 'pool scaled up from 1 to 3' });

  await story.set('slow-pool-2');
  const restart = installed.api.restartService('pool', { rolling: true });
  await installed.waitForUnit(unit('pool@2'), 'deactivating');
  await story.loseBus();
  await story.clear('slow-pool-2');
  await installed.waitForUnit(unit('pool@2'), 'active');
  await story.findBus();
  expect(await restart).toMatchObject({
    outcome: 'succeeded',
    message: 'pool: 3 instances restarted, one after the other',
  });
  expect(await story.service('pool')).toMatchObject({ text: '3 of 3 instances running', level: 'ok' });
});

installed.expectNoWarningsBut(/"msg":"connection to systemd lost"/);
