/** What requires a service waits until that is ready, not only until it runs. */
import type { HealthWord } from '@rovi/contract';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { failureOf, InstalledRobot, shippedCatalog } from '../installed-robot.js';

const MARK = '/opt/database-is-ready';
const DATABASE = 'rovi-database.service';
const CLIENT = 'rovi-client.service';
const LATE = 'rovi-late.service';
const VISITOR = 'rovi-visitor.service';

const sleeper = (entry: object): object => ({
  description: 'sleeps',
  command: ['/usr/bin/sleep', 'infinity'],
  timeouts: { start: 60, stop: 5 },
  ...entry,
});
/** Passes when the story has made the mark. */
const marked = (role: 'startup' | 'readiness', failures: number): object => ({
  probe: { type: 'command', command: ['/usr/bin/test', '-e', MARK] },
  role,
  interval: 0.2,
  failures,
});

const rovi = new InstalledRobot('readiness', {
  catalog: stringify({
    ...(parse(shippedCatalog()) as object),
    services: {
      database: sleeper({ health: [marked('readiness', 3)] }),
      client: sleeper({ requires: ['database'] }),
      late: sleeper({ timeouts: { start: 4, stop: 5 }, health: [marked('readiness', 3)] }),
      visitor: sleeper({ requires: ['late'] }),
      picky: sleeper({ health: [marked('startup', 3)] }),
      guest: sleeper({ requires: ['picky'] }),
    },
  }),
});

async function healthOf(name: string): Promise<HealthWord | undefined> {
  const { services } = await rovi.api.state();
  return services.find((service) => service.name === name)?.health;
}

test('a service that requires another is started only when that is ready', async () => {
  const started = rovi.api.startService('client');
  await rovi.waitForUnit(DATABASE, 'active');
  await rovi.robot.waitFor(
    'its readiness to have failed',
    async () => (await healthOf('database')) === 'degraded',
  );
  expect(await rovi.property(CLIENT, 'ActiveState')).toBe('inactive');
  await rovi.robot.exec(['touch', MARK]);
  expect(await started).toMatchObject({ outcome: 'succeeded' });
  expect(await rovi.property(CLIENT, 'ActiveState')).toBe('active');
  await expect.poll(() => healthOf('database')).toBe('healthy');
  await rovi.systemctl(['stop', DATABASE]);
});

test('where it never becomes ready the start fails in its time, says so, and starts nothing that requires it', async () => {
  await rovi.robot.exec(['rm', '-f', MARK]);
  const before = await rovi.run(VISITOR);
  const error = await failureOf(rovi.api.startService('visitor'));
  expect(error.message).toContain('late');
  expect(error.message).toContain('not ready within 4 s');
  expect(await rovi.property(VISITOR, 'ActiveState')).toBe('inactive');
  expect(await rovi.run(VISITOR)).toEqual(before);
  await rovi.systemctl(['stop', LATE]);
});

test('a startup check beyond its threshold ends the start at once', async () => {
  const began = performance.now();
  const error = await failureOf(rovi.api.startService('guest'));
  expect(error.message).toContain('picky');
  // Of the 60 s that it has to start.
  expect(performance.now() - began).toBeLessThan(30_000);
  expect(await rovi.property('rovi-guest.service', 'ActiveState')).toBe('inactive');
});

rovi.expectNoWarningsBut();
