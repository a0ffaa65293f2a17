/** The catalog file is changed under a running gateway: what is in force at once, and what needs install.sh. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reload } from '@rovi/contract';
import { PATHS } from '@rovi/contract';
import { REPOSITORY } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { InstalledRobot } from '../installed-robot.js';

const omega = readFileSync(join(REPOSITORY, 'examples/omega1.yaml'), 'utf8');

const installed = new InstalledRobot('reload', {
  catalog: omega,
  prepare: async (robot) => {
    await robot.exec(['cp', '-r', '/opt/rovi-src/examples/omega1', '/opt/omega1']);
  },
});

type Services = Record<string, Record<string, unknown>>;

async function change(edit: (services: Services) => void): Promise<void> {
  const catalog = parse(omega) as { services: Services };
  edit(catalog.services);
  await installed.robot.writeFile(PATHS.catalog, stringify(catalog));
}

async function reload(): Promise<Reload> {
  const { stdout, code } = await installed.rovictl(['reload', '--json']);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Reload;
}

const video = async () => {
  const { services } = await installed.api.state();
  const found = services.find(({ name }) => name === 'video_server');
  if (found === undefined) throw new Error('no video_server');
  return found;
};

const runs = () => installed.run('rovi-video_server.service');

test('a catalog that says the same changes nothing', async () => {
  expect(await reload()).toEqual({
    applied: [],
    needs_install: [],
    needs_restart: [],
    message: 'the catalog file says what is in force already',
  });
});

test('checks and categories are in force at once, and no service is touched', async () => {
  const before = await runs();
  await change((services) => {
    const { video_server } = services;
    if (video_server === undefined) throw new Error('no video_server');
    video_server['category'] = 'eyes';
    video_server['health'] = [{ probe: { type: 'tcp', port: 'web' }, interval: 0.5, name: 'door' }];
  });
  const { applied, needs_install } = await reload();
  expect(applied).toEqual(['service video_server: category, health']);
  expect(needs_install).toEqual([]);
  const shown = await installed.robot.waitFor('the new check passes', async () => {
    const service = await video();
    return service.health === 'healthy' ? service : null;
  });
  expect(shown.category).toBe('eyes');
  expect(shown.instances[0]?.health.checks.map(({ name }) => name)).toEqual(['door']);
  expect(await runs()).toEqual(before);
});

test('every face is told: a snapshot that counts itself, then what happened', async () => {
  const { boot_id: boot, seq } = await installed.api.state();
  await change((services) => {
    const { video_server } = services;
    if (video_server === undefined) throw new Error('no video_server');
    video_server['category'] = 'eyes';
    video_server['priority'] = 31;
  });
  await reload();
  for await (const event of installed.api.events({ since: seq, boot })) {
    if (event.type !== 'snapshot') continue;
    expect(event.seq).toBeGreaterThan(seq);
    expect(event.snapshot.seq).toBe(event.seq);
    expect(event.snapshot.services.find(({ name }) => name === 'video_server')?.priority).toBe(31);
    break;
  }
  const { incidents } = await installed.api.timeline();
  const [reloaded] = incidents.filter(({ incident }) => incident.type === 'catalog_reloaded');
  expect(reloaded?.incident).toMatchObject({
    text: 'catalog reloaded: 1 change in force now',
    data: { applied: ['service video_server: priority, health'] },
  });
});

test('what is in files of root stays as it is, and is named', async () => {
  await change((services) => {
    const { video_server } = services;
    if (video_server === undefined) throw new Error('no video_server');
    video_server['command'] = ['/usr/bin/sleep', 'infinity'];
    services['other'] = { description: 'Another', command: ['/usr/bin/true'] };
    delete services['lighting_server'];
  });
  const { needs_install } = await reload();
  expect(needs_install).toEqual([
    'service video_server is different in /etc/systemd/system/rovi-video_server.service',
    'service lighting_server is gone from the catalog; its unit is still installed',
    'service other is new',
  ]);
  const { services } = await installed.api.state();
  expect(services.map(({ name }) => name)).toContain('lighting_server');
  expect(services.map(({ name }) => name)).not.toContain('other');
  // An entry is taken over whole or not at all.
  expect((await video()).category).toBe('eyes');
});

test('a catalog that cannot be read is refused, and what was in force stays', async () => {
  await installed.robot.writeFile(PATHS.catalog, 'version: 1\nservices: [\n');
  const { code, stderr } = await installed.rovictl(['reload']);
  expect(code).not.toBe(0);
  expect(stderr).toContain('[catalog-invalid]');
  expect(await video()).toMatchObject({ category: 'eyes', state: 'RUNNING' });
});

test('systemctl reload does the same', async () => {
  const pid = await installed.property('rovi-gateway.service', 'MainPID');
  await installed.robot.writeFile(PATHS.catalog, omega);
  expect((await installed.systemctl(['reload', 'rovi-gateway.service'])).code).toBe(0);
  await installed.robot.waitFor('the old category', async () => (await video()).category === 'sensors');
  expect(await installed.property('rovi-gateway.service', 'MainPID')).toBe(pid);
});

installed.expectNoWarningsBut();
