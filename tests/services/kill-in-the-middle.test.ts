/** kill -9 of the gateway in the middle of what it does to services: systemd goes on, and nothing is left half done. */
import { afterEach, expect, test } from 'vitest';
import { failureOf } from '../installed-robot.js';
import { held, HeldServices, TEN, unit } from './held-services.js';

const story = new HeldServices('kill-in-the-middle', {
  ...TEN,
  pool: held({ instances: { min: 1, max: 4 } }),
});
const { installed } = story;
const all = Object.keys(TEN);
const pool = (...ids: number[]): string[] => ids.map((id) => `pool@${id}:active`);

async function cut(operation: Promise<unknown>): Promise<void> {
  expect((await failureOf(operation)).code).toBe('gateway-unreachable');
}
const marks = async (): Promise<string> =>
  (await installed.robot.exec(['find', '/var/lib/rovi/stopped', '/var/lib/rovi/maintenance', '-type', 'f']))
    .stdout;

afterEach(() => story.rest());

test('of a start in waves: what was sent comes up, nothing further; the same start again ends what is left', async () => {
  await story.set('hold-d-1', 'hold-e-1');
  const start = cut(installed.api.startService('top'));
  await installed.waitForUnit(unit('d'), 'activating');
  await installed.waitForUnit(unit('e'), 'activating');
  await story.killGateway();
  await start;
  const begun = ['a:active', 'b:active', 'bus:active', 'c:active', 'd:activating', 'e:activating'];
  expect(await story.systemd()).toEqual(begun);
  expect((await story.service('d')).state).toBe('STARTING');
  expect((await story.service('top')).state).toBe('STOPPED');
  await story.clear('hold-d-1', 'hold-e-1');
  expect(await installed.api.startService('top')).toMatchObject({ outcome: 'succeeded', warnings: [] });
  expect(await story.systemd()).toEqual(all.map((name) => `${name}:active`).sort());
  expect(await marks()).toBe('');
});

test('of a cascade of stops: systemd ends it, and it is shown as it goes', async () => {
  await installed.api.startService('top');
  await story.set('slow-h-1');
  const { token } = await installed.api.serviceImpact({ command: 'stop', service: 'bus' });
  const stop = cut(installed.api.stopService('bus', { confirm: token }));
  await installed.waitForUnit(unit('h'), 'deactivating');
  await story.killGateway();
  await stop;
  expect((await story.service('h')).state).toBe('STOPPING');
  expect((await story.service('bus')).state).toBe('RUNNING');
  await story.clear('slow-h-1');
  await story.shown('all to be stopped', (services) => services.every(({ state }) => state === 'STOPPED'));
  expect(await story.systemd()).toEqual([]);
  expect((await installed.rovictl(['service', 'stop', 'bus', '--yes'])).code).toBe(0);
  // Nobody asked for the stop of f itself.
  expect(await marks()).toBe('');
});

test('of a scaling, up and down: what was sent is carried out, and counts as meant', async () => {
  await installed.api.startService('pool');
  await story.set('hold-pool-2', 'hold-pool-3', 'hold-pool-4');
  const up = cut(installed.api.scaleService('pool', 4));
  await installed.waitForUnit(unit('pool@4'), 'activating');
  await story.killGateway();
  await up;
  expect(await story.service('pool')).toMatchObject({ state: 'RUNNING', wanted: 4 });
  await story.clear('hold-pool-2', 'hold-pool-3', 'hold-pool-4');
  await story.shown('four to run', (services) =>
    services.some(({ text }) => text === '4 of 4 instances running'),
  );
  expect(await installed.api.scaleService('pool', 4)).toMatchObject({ message: 'pool has 4 already' });
  await story.set('slow-pool-1');
  const down = cut(installed.api.scaleService('pool', 1));
  await installed.waitForUnit(unit('pool@1'), 'deactivating');
  // All three stops have been sent: but for the one that is slow, and the youngest, nothing is there any more.
  await expect.poll(async () => (await story.systemd()).length).toBe(2);
  await story.killGateway();
  await down;
  await story.clear('slow-pool-1');
  await story.shown('one to run', (services) =>
    services.some(({ text, wanted }) => text === '1 of 1 instances running' && wanted === 1),
  );
  expect(await installed.api.scaleService('pool', 2)).toMatchObject({ outcome: 'succeeded' });
});

test('of a restart, rolling or not: no instance is left stopped', async () => {
  await installed.api.scaleService('pool', 3);
  for (const rolling of [true, false]) {
    const before = await installed.run(unit('pool@2'));
    await story.set('slow-pool-2');
    const restart = cut(installed.api.restartService('pool', { rolling }));
    await installed.waitForUnit(unit('pool@2'), 'deactivating');
    await story.killGateway();
    await restart;
    await story.clear('slow-pool-2');
    await story.shown('three to run', (services) =>
      services.some(({ text, wanted }) => text === '3 of 3 instances running' && wanted === 3),
    );
    expect(await story.systemd()).toEqual(pool(1, 2, 3));
    expect((await installed.run(unit('pool@2')))['InvocationID']).not.toBe(before['InvocationID']);
  }
});

installed.expectNoWarningsBut(/rovi-gateway\.service: (Main process exited|Failed with result)/);
