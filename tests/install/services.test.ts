/** What install.sh makes of services: first installation, more of them, fewer, and none. */
import { installRos, Robot } from '@rovi/testbed';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { cleanRobot, install, property, shippedCatalog, tree, treeWithoutAccounts } from './installation.js';

let robot: Robot;
// Many commands one after the other, each of which takes seconds on a machine that is shared.
vi.setConfig({ testTimeout: 300_000 });
beforeAll(async () => {
  robot = await Robot.boot({ name: 'install-services' });
  await installRos(robot);
});
afterEach(async () => {
  await cleanRobot(robot);
});
afterAll(async () => {
  await robot?.shutdown();
});

const idle = { description: 'Idle', command: ['/bin/sleep', 'infinity'] };
const auto = { ...idle, autostart: true };
const workers = (max: number) => ({ ...auto, instances: { min: 1, max } });

/** Installs the shipped catalog with these services; answers what install.sh said. */
async function installWith(
  services: object,
  ...options: string[]
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const catalog = { ...(parse(await shippedCatalog()) as object), services };
  await robot.writeFile('/root/next.yaml', stringify(catalog));
  return install(robot, '--catalog', '/root/next.yaml', ...options);
}

const stateOf = (unit: string) => property(robot, unit, 'ActiveState');
const runOf = (unit: string) => property(robot, unit, 'InvocationID');

test('the first installation starts what boot would start, and says what does not come up', async () => {
  const services = {
    video: auto,
    lights: idle,
    worker: workers(3),
    broken: { ...auto, command: ['/opt/no-such-program'], restart: 'never' },
  };
  const before = await tree(robot);
  const dry = await installWith(services, '--dry-run');
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  for (const path of [
    '/etc/systemd/system/rovi-services.target',
    '/etc/systemd/system/rovi-video.service',
    '/etc/systemd/system/rovi-worker@.service',
    '/etc/rovi/services/worker@3.env',
    '/usr/local/lib/rovi/may_start.sh',
  ]) {
    expect(dry.stdout).toContain(`install   ${path}\n`);
  }
  expect(dry.stdout).toMatch(
    /^ {2}then .*enable and start rovi-gateway\.service and rovi-services\.target$/m,
  );
  expect((await tree(robot)).filter((line) => !line.startsWith('/root'))).toEqual(before);

  const first = await installWith(services);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain('✓ rovi-services.target enabled');
  expect(first.stdout).toContain(
    '! services that are to run but do not: rovi-broken.service (systemctl status UNIT says why)',
  );
  expect(
    await Promise.all(['rovi-video', 'rovi-lights', 'rovi-worker@1', 'rovi-worker@2'].map(stateOf)),
  ).toEqual(['active', 'inactive', 'active', 'inactive']);
  expect(
    (await robot.exec(['stat', '-c', '%a %U %G', '/var/lib/rovi', '/var/lib/rovi/stopped'])).stdout,
  ).toBe('2750 rovi rovi-ops\n2750 rovi rovi-ops\n');
  const doctor = await robot.exec(['rovictl', 'doctor'], { check: false });
  expect(doctor.stdout).toContain('5 stacks, 4 services');
  expect(doctor.stdout).not.toContain('✗');
  expect(doctor.code).toBe(0);
});

test('an upgrade starts what is new, and leaves what runs and what was stopped', async () => {
  await installWith({ video: auto, worker: workers(2), down: auto });
  await robot.exec(['systemctl', 'stop', 'rovi-down']);
  const before = [await runOf('rovi-video'), await runOf('rovi-worker@1')];
  const more = await installWith({
    video: { ...auto, limits: { tasks: 10 } },
    worker: { ...workers(2), ports: [7000] },
    down: auto,
    lidar: auto,
    manual: idle,
  });
  expect(more).toMatchObject({ code: 0, stderr: '' });
  expect(more.stdout).toContain('✓ services started: rovi-lidar.service');
  for (const unit of ['rovi-video.service', 'rovi-worker@1.service']) {
    expect(more.stdout).toContain(`! ${unit} runs by what was installed before, until somebody restarts it`);
  }
  expect([await runOf('rovi-video'), await runOf('rovi-worker@1')]).toEqual(before);
  expect(await Promise.all(['rovi-lidar', 'rovi-manual', 'rovi-down'].map(stateOf))).toEqual([
    'active',
    'inactive',
    'inactive',
  ]);
  const again = await install(robot);
  expect(again.stdout).not.toContain('services started');
  expect(await stateOf('rovi-down')).toBe('inactive');
});

test('what leaves the catalog is stopped and removed, instances too; what no longer needs it goes on', async () => {
  await installWith({ base: auto, top: { ...auto, requires: ['base'] }, worker: workers(3) });
  await robot.exec(['systemctl', 'start', 'rovi-worker@3']);
  const [top, first] = [await runOf('rovi-top'), await runOf('rovi-worker@1')];
  const dry = await installWith({ top: auto, worker: workers(2) }, '--dry-run');
  expect(dry.stdout).toMatch(
    /^ {2}stop {6}(?:rovi-base\.service, rovi-worker@3\.service|rovi-worker@3\.service, rovi-base\.service): no longer/m,
  );
  expect(await stateOf('rovi-base')).toBe('active');
  const less = await installWith({ top: auto, worker: workers(2) });
  expect(less).toMatchObject({ code: 0, stderr: '' });
  expect(await Promise.all(['rovi-base', 'rovi-worker@3'].map(stateOf))).toEqual(['inactive', 'inactive']);
  expect(await property(robot, 'rovi-base', 'LoadState')).toBe('not-found');
  expect([await runOf('rovi-top'), await runOf('rovi-worker@1')]).toEqual([top, first]);
  expect((await tree(robot)).filter((line) => /rovi-base|worker@3|rovi-old/.test(line))).toEqual([]);

  // From a template to a unit alone: another name, so the one is stopped and the other started.
  const one = await installWith({ top: auto, worker: auto });
  expect(one).toMatchObject({ code: 0, stderr: '' });
  expect(await Promise.all(['rovi-worker@1', 'rovi-worker'].map(stateOf))).toEqual(['inactive', 'active']);
});

test('uninstall stops services and leaves nothing', async () => {
  await install(robot);
  await install(robot, '--uninstall');
  await robot.writeFile('/root/next.yaml', '');
  const before = await treeWithoutAccounts(robot);
  await installWith({ video: auto, worker: workers(2) });
  await robot.exec(['touch', '/var/lib/rovi/stopped/video'], { user: 'rovi' });
  const removed = await install(robot, '--uninstall');
  expect(removed).toMatchObject({ code: 0, stderr: '' });
  expect(removed.stdout).toMatch(/^ {2}stop {6}.*rovi-worker@1\.service/m);
  expect(removed.stdout).toContain('  remove    /var/lib/rovi');
  expect(await treeWithoutAccounts(robot)).toEqual(before);
  expect((await robot.exec(['systemctl', 'list-units', '--all', '--no-legend', 'rovi-*'])).stdout).toBe('');
  expect((await robot.exec(['pgrep', '-u', 'rovi'], { check: false })).stdout).toBe('');
});

test('a unit of the name of a service that is not ours is refused', async () => {
  await robot.writeFile('/etc/systemd/system/rovi-worker@.service', '[Service]\nExecStart=/bin/true\n');
  await robot.exec(['systemctl', 'daemon-reload']);
  const refused = await installWith({ worker: workers(2) });
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain(
    'a unit of the name rovi-worker@.service is there already, and it is not Rovi',
  );
});
