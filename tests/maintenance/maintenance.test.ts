/** Somebody works on a stack, on a service, or on the robot: nothing starts it, whoever tries, until that has ended. */
import { PATHS, ROBOT_MARK } from '@rovi/contract';
import { afterEach, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { failureOf, InstalledRobot, OPERATOR, shippedCatalog, STRANGER } from '../installed-robot.js';

const shipped = parse(shippedCatalog()) as Record<string, unknown>;
const service = { description: 'Sleeps', command: ['/bin/sleep', 'infinity'], restart: 'on-failure' };
const installed = new InstalledRobot('maintenance', {
  catalog: stringify({
    ...shipped,
    services: { video: { ...service, autostart: true }, page: { ...service, requires: ['video'] } },
  }),
});
const NAV = 'rovi-nav.service';
const VIDEO = 'rovi-video.service';

const stateOf = async (name: string) => (await installed.api.service(name)).state;

afterEach(async () => {
  for (const { target } of await installed.api.maintenance()) await installed.api.endMaintenance(target);
});

test('a stack in maintenance starts by no way, and all say who, why and until when', async () => {
  const begun = await installed.rovictl(
    ['maintenance', 'begin', 'nav', '--reason', 'new wheels', '--for', '2h'],
    { user: OPERATOR },
  );
  expect(begun.code, begun.stderr).toBe(0);
  expect(await failureOf(installed.api.start('nav'))).toMatchObject({
    code: 'in-maintenance',
    message: expect.stringMatching(/^nav is in maintenance since .*, by .*, until .*: new wheels$/) as string,
  });
  const refused = await installed.rovictl(['stack', 'start', 'nav'], { user: OPERATOR });
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('new wheels');
  const past = await installed.systemctl(['start', NAV], { user: OPERATOR });
  expect(past.code).not.toBe(0);
  expect(await installed.property(NAV, 'ActiveState')).toBe('inactive');
  expect((await installed.api.stack('nav')).stack).toMatchObject({
    state: 'MAINTENANCE',
    verdict: { level: 'ok', text: expect.stringContaining('in maintenance: new wheels, until') as string },
  });
  const { stdout } = await installed.rovictl(['status'], { user: OPERATOR });
  expect(stdout).toContain('MAINTENANCE');
  await installed.api.endMaintenance('nav', { reason: 'done' });
  expect((await installed.api.start('nav')).outcome).toBe('succeeded');
  await installed.api.stop('nav');
});

test('a service in maintenance goes on while it runs; stopped, it stays so, and what requires it too', async () => {
  await installed.api.startService('page');
  await installed.api.beginMaintenance('video', { reason: 'new lens' });
  expect(await installed.property(VIDEO, 'ActiveState')).toBe('active');
  await installed.systemctl(['stop', VIDEO]);
  await installed.robot.waitFor('video to be in maintenance', async () =>
    (await stateOf('video')) === 'MAINTENANCE' ? true : null,
  );
  for (const name of ['video', 'page']) {
    expect(await failureOf(installed.api.startService(name)), name).toMatchObject({ code: 'in-maintenance' });
    expect((await installed.systemctl(['start', `rovi-${name}.service`])).code, name).not.toBe(0);
  }
  expect((await installed.api.service('video')).text).toBe('in maintenance: new lens');
  await installed.api.endMaintenance('video');
  expect((await installed.api.startService('page')).outcome).toBe('succeeded');
});

test('it ends by itself at its end', async () => {
  const until = new Date(Date.now() + 8_000).toISOString();
  await installed.api.beginMaintenance('nav', { reason: 'a look', until });
  expect(await installed.exists(`${PATHS.maintenance}/nav`)).toBe(true);
  await installed.robot.waitFor('the end', async () =>
    (await installed.api.maintenance()).length === 0 ? true : null,
  );
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(until));
  expect(await installed.exists(`${PATHS.maintenance}/nav`)).toBe(false);
  expect((await installed.api.stack('nav')).stack.state).toBe('STOPPED');
});

test('a mark set past the conductor is obeyed by systemd, and named', async () => {
  await installed.robot.shell(`echo 'hands off' > ${PATHS.maintenance}/nav`);
  expect(await failureOf(installed.api.start('nav'))).toMatchObject({
    code: 'in-maintenance',
    message: expect.stringContaining('unreadable mark: hands off') as string,
  });
  expect(await installed.property(NAV, 'ActiveState')).toBe('inactive');
});

test('what makes no sense is refused, and nobody but operators can', async () => {
  expect(await failureOf(installed.api.beginMaintenance('nave', { reason: 'x' }))).toMatchObject({
    code: 'not-found',
  });
  const until = new Date(Date.now() - 1_000).toISOString();
  expect(await failureOf(installed.api.beginMaintenance('nav', { reason: 'x', until }))).toMatchObject({
    code: 'bad-request',
  });
  expect(await failureOf(installed.api.endMaintenance('nav'))).toMatchObject({ code: 'not-found' });
  const stranger = await installed.rovictl(['maintenance', 'begin', '--reason', 'x'], { user: STRANGER });
  expect(stranger.code).toBe(4);
  expect(await installed.api.maintenance()).toEqual([]);
});

test('the robot in maintenance starts nothing, also not at boot, until that has ended', async () => {
  await installed.api.beginMaintenance(null, { reason: 'on the bench' });
  expect(await installed.exists(`${PATHS.maintenance}/${ROBOT_MARK}`)).toBe(true);
  await installed.robot.reboot();
  await installed.robot.waitFor('the gateway', async () => (await installed.api.state()).known);
  expect(await installed.api.maintenance()).toMatchObject([{ target: null, reason: 'on the bench' }]);
  expect(await installed.property(VIDEO, 'ActiveState')).toBe('inactive');
  expect(await stateOf('video')).toBe('MAINTENANCE');
  expect(await failureOf(installed.api.start('camera'))).toMatchObject({ code: 'in-maintenance' });
  await installed.api.endMaintenance(null);
  expect((await installed.api.startService('video')).outcome).toBe('succeeded');
});

installed.expectNoWarningsBut(
  /Assertion failed|assertion/i,
  /Dependency failed/,
  /Starting requested but asserts failed/,
);
