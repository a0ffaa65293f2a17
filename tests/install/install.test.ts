import { installRos, Robot } from '@rovi/testbed';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import {
  cleanRobot,
  ENV_FILE,
  install,
  property,
  shippedCatalog,
  tree,
  treeWithoutAccounts,
} from './installation.js';

const GATEWAY = 'rovi-gateway.service';
let robot: Robot;
// Many commands one after the other, each of which takes seconds on a machine that is shared.
vi.setConfig({ testTimeout: 300_000 });

beforeAll(async () => {
  robot = await Robot.boot({ name: 'install' });
  await installRos(robot);
  await robot.addUser('ada');
});
afterEach(async () => {
  await cleanRobot(robot);
});
afterAll(async () => {
  await robot?.shutdown();
});

const isActive = async (unit: string) => (await property(robot, unit, 'ActiveState')) === 'active';

test('a dry run says all and changes nothing; installing brings the gateway up; again changes nothing', async () => {
  const before = await tree(robot);
  const dry = await install(robot, '--dry-run');
  expect(dry).toMatchObject({ code: 0, stderr: '' });
  expect(dry.stdout).toContain('install   /etc/polkit-1/rules.d/49-rovi.rules');
  expect(dry.stdout).toContain('Dry run: nothing was changed.');
  expect(await tree(robot)).toEqual(before);

  const first = await install(robot);
  expect(first).toMatchObject({ code: 0, stderr: '' });
  expect(first.stdout).toContain(`${GATEWAY} is active since`);
  expect(await isActive(GATEWAY)).toBe(true);
  expect((await robot.exec(['systemctl', 'is-enabled', GATEWAY])).stdout.trim()).toBe('enabled');
  expect((await robot.exec(['stat', '-c', '%a %U %G', '/run/rovi', '/run/rovi/stack.lock'])).stdout).toBe(
    '2750 rovi rovi-ops\n600 rovi rovi\n',
  );
  // As cron and sudo see it: no PATH of a login shell, no node on it.
  const bare = await robot.exec(['env', '-i', 'PATH=/usr/local/bin', 'rovictl', 'active'], { check: false });
  expect(bare.code).toBe(0);

  const [pid, installed] = [await property(robot, GATEWAY, 'MainPID'), await tree(robot)];
  const second = await install(robot);
  expect(second).toMatchObject({ code: 0, stderr: '' });
  expect(second.stdout).not.toMatch(/^ {2}(?:install|replace|remove) /m);
  expect(second.stdout.match(/^ {2}unchanged /gm)?.length).toBe(
    first.stdout.match(/^ {2}install {3}/gm)?.length,
  );
  expect(await property(robot, GATEWAY, 'MainPID')).toBe(pid);
  const quiet = (lines: string[]) => lines.filter((line) => !line.startsWith('/var/log/rovi-install.log '));
  expect(quiet(await tree(robot))).toEqual(quiet(installed));
});

test('an operator drives what was installed', async () => {
  await install(robot);
  await robot.exec(['usermod', '-aG', 'rovi-ops', 'ada']);
  await robot.exec(['rovictl', 'stack', 'start', 'nav'], { user: 'ada' });
  expect(await isActive('rovi-nav.service')).toBe(true);
  expect(await robot.readFile('/home/rovi/.ros/rovi/session/current_launch')).toBe(
    'rovi_bringup/nav.launch.py\n',
  );
  await robot.exec(['rovictl', 'stack', 'stop', 'nav'], { user: 'ada' });
  expect(await isActive('rovi-nav.service')).toBe(false);
});

test('uninstall stops what runs and leaves nothing but the accounts', async () => {
  await install(robot);
  await install(robot, '--uninstall');
  const before = await treeWithoutAccounts(robot);
  await install(robot);
  await robot.exec(['systemctl', 'start', 'rovi-nav']);
  const installed = await tree(robot);
  const dry = await install(robot, '--uninstall', '--dry-run');
  expect(dry.stdout).toContain('rovi-nav.service');
  expect(await tree(robot)).toEqual(installed);

  const removed = await install(robot, '--uninstall');
  expect(removed).toMatchObject({ code: 0, stderr: '' });
  expect(await treeWithoutAccounts(robot)).toEqual(before);
  expect((await robot.exec(['systemctl', 'list-units', '--all', '--no-legend', 'rovi-*'])).stdout).toBe('');
  expect((await robot.exec(['pgrep', '-u', 'rovi'], { check: false })).stdout).toBe('');
  expect((await robot.exec(['getent', 'group', 'rovi-ops'])).code).toBe(0);
  expect((await install(robot, '--uninstall')).stdout).toContain('Nothing to remove');
});

test('uninstall leaves the tickets, and the next installation finds them', async () => {
  await install(robot);
  await robot.exec(['systemctl', 'stop', GATEWAY]);
  await robot.exec(['sh', '-c', 'echo kept > /var/lib/rovi/tickets.db'], { user: 'rovi' });
  const removed = await install(robot, '--uninstall');
  expect(removed).toMatchObject({ code: 0, stderr: '' });
  expect(removed.stdout).toContain('  kept      /var/lib/rovi/tickets.db (the tickets are yours)');
  expect((await robot.exec(['ls', '/var/lib/rovi'])).stdout).toBe('tickets.db\n');
  await install(robot);
  expect(await robot.readFile('/var/lib/rovi/tickets.db')).toBe('kept\n');
  await robot.exec(['rm', '/var/lib/rovi/tickets.db']);
});

test('uninstall takes the rule away before any unit, and keeps the environment file', async () => {
  await install(robot);
  await robot.exec(['usermod', '-aG', 'rovi-ops', 'ada']);
  // At each file that is removed: which, and what an operator may do then. A name whose unit is gone is free.
  await robot.writeFile(
    '/opt/stand-in/rm',
    `#!/bin/bash
for file in "$@"; do
  case $file in
    */49-rovi.rules) echo rule >> /run/removed ;;
    /etc/systemd/system/rovi-*.service)
      echo "unit $(setpriv --reuid=ada --regid=ada --init-groups systemctl --no-ask-password start rovi-nav.service 2>&1)" >> /run/removed ;;
  esac
done
exec /usr/bin/rm "$@"
`,
    { mode: '0755' },
  );
  const removed = await robot.exec(['/opt/rovi-src/install.sh', '--uninstall'], {
    env: { PATH: '/opt/stand-in:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin' },
  });
  const [first, ...others] = (await robot.readFile('/run/removed')).trim().split(/\n(?=rule|unit)/);
  expect(first).toBe('rule');
  expect(others.length).toBe(6);
  for (const line of others) expect(line).toMatch(/^unit .*(?:authentication required|denied|not found)/);
  expect(removed.stdout).toContain(`kept      ${ENV_FILE}`);
  expect(await robot.readFile(ENV_FILE)).toContain('ROVI_ENV=robot');
});

test('an upgrade does not stop a running stack unless told to', async () => {
  await install(robot);
  await robot.exec(['systemctl', 'start', 'rovi-nav']);
  const [gateway, nav] = [
    await property(robot, GATEWAY, 'MainPID'),
    await property(robot, 'rovi-nav', 'MainPID'),
  ];
  await robot.writeFile(
    '/root/next.yaml',
    (await shippedCatalog()).replace(/^robot: .*$/m, 'robot: rovi-two'),
  );

  const upgrade = await install(robot, '--catalog', '/root/next.yaml');
  expect(upgrade.code).toBe(0);
  expect(upgrade.stdout).toContain('replace   /etc/rovi/rovi.yaml');
  expect(upgrade.stdout).toContain('with it rovi-nav.service would stop');
  expect(await property(robot, GATEWAY, 'MainPID')).toBe(gateway);
  expect(await property(robot, 'rovi-nav', 'MainPID')).toBe(nav);
  const told = await install(robot, '--restart');
  expect(told.stdout).toContain(`${GATEWAY} stopped, and with it rovi-nav.service`);
  expect(told.code).toBe(0);
  expect(await property(robot, GATEWAY, 'MainPID')).not.toBe(gateway);
  expect(await isActive('rovi-nav')).toBe(false);

  // With no stack running it needs no telling.
  const before = await property(robot, GATEWAY, 'MainPID');
  await robot.writeFile('/root/next.yaml', await shippedCatalog());
  expect((await install(robot, '--catalog', '/root/next.yaml')).stdout).toContain(`${GATEWAY} stopped`);
  expect(await property(robot, GATEWAY, 'MainPID')).not.toBe(before);
});

test('a stack that leaves the catalog is removed, but never while it runs', async () => {
  await install(robot);
  const catalog = await shippedCatalog();
  const without = catalog.replace(/^ {2}camera:\n(?: {4}.*\n|\n)*/m, '');
  expect(without).not.toBe(catalog);
  await robot.writeFile('/root/less.yaml', without);
  await robot.exec(['systemctl', 'enable', '--now', 'rovi-camera']);
  const before = await tree(robot);
  const refused = await install(robot, '--catalog', '/root/less.yaml');
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('rovi-camera.service runs and is no longer in the catalog');
  expect(await tree(robot)).toEqual(before);

  await robot.exec(['systemctl', 'stop', 'rovi-camera']);
  expect((await install(robot, '--catalog', '/root/less.yaml')).code).toBe(0);
  expect((await tree(robot)).filter((line) => /rovi-camera|camera\.args|rovi-old/.test(line))).toEqual([]);
  expect(await property(robot, 'rovi-camera', 'LoadState')).toBe('not-found');
});

test("an admin's own text is kept: an edited unit beside the new one, an edited catalog for good", async () => {
  await install(robot);
  await robot.shell(
    "echo '# mine' >> /etc/systemd/system/rovi-nav.service; sed -i 's/^robot: .*/robot: mine/' /etc/rovi/rovi.yaml",
  );
  const again = await install(robot);
  expect(again.code).toBe(0);
  expect(again.stdout).toContain('unchanged /etc/rovi/rovi.yaml');
  expect(again.stdout).toContain('kept as /etc/systemd/system/rovi-nav.service.rovi-old');
  expect(await robot.readFile('/etc/systemd/system/rovi-nav.service.rovi-old')).toContain('# mine');
  expect(await robot.readFile('/etc/systemd/system/rovi-nav.service')).not.toContain('# mine');

  const removed = await install(robot, '--uninstall');
  expect(removed.stdout).toContain('kept      /etc/rovi/rovi.yaml');
  expect(await robot.readFile('/etc/rovi/rovi.yaml')).toContain('robot: mine');
  await robot.exec(['rm', '-r', '/etc/rovi', '/etc/systemd/system/rovi-nav.service.rovi-old']);
});

test('--prefix and --user: programs elsewhere, another account, remembered by the next run', async () => {
  await robot.addUser('driver');
  const catalog = (await shippedCatalog()).replaceAll('/home/rovi', '/home/driver');
  await robot.writeFile('/root/rovi.yaml', catalog);
  await installRos(robot, { catalog: catalog.replace(/^user: .*$/m, 'user: driver') });
  const result = await install(
    robot,
    '--prefix',
    '/opt/rovi',
    '--user',
    'driver',
    '--catalog',
    '/root/rovi.yaml',
  );
  expect(result).toMatchObject({ code: 0, stderr: '' });
  expect(await property(robot, GATEWAY, 'User')).toBe('driver');
  // The tickets that another account left are its own now: `tree` below waits until they are open.
  expect(result.stdout).toContain('what rovi left in /var/lib/rovi given to driver');
  expect((await robot.shell('stat -c "%U %G %a" /var/lib/rovi/tickets.db')).stdout).toMatch(
    /^driver \S+ 6[04]0\n$/,
  );
  expect(await property(robot, GATEWAY, 'ExecStart')).toContain('/opt/rovi/lib/rovi/rovi-gateway ');
  expect((await robot.exec(['readlink', '/usr/local/bin/rovictl'])).stdout).toBe('/opt/rovi/bin/rovictl\n');
  expect((await tree(robot)).filter((line) => line.startsWith('/usr/local/lib/rovi'))).toEqual([]);
  await robot.exec(['rovictl', 'stack', 'start', 'nav']);
  expect(await property(robot, 'rovi-nav', 'User')).toBe('driver');
  await robot.exec(['rovictl', 'stack', 'stop', 'nav']);

  const again = await install(robot);
  expect(again.stdout).toContain('programs below /opt/rovi');
  expect(again.stdout).not.toMatch(/^ {2}(?:install|replace|remove) /m);

  // Moving back takes the files along.
  expect((await install(robot, '--prefix', '/usr/local')).code).toBe(0);
  expect((await tree(robot)).filter((line) => line.startsWith('/opt/rovi'))).toEqual([]);
  expect(await isActive(GATEWAY)).toBe(true);
  await install(robot, '--uninstall');
  expect((await tree(robot)).filter((line) => /\/(?:rovictl|rovi-gateway)/.test(line))).toEqual([]);
});

test('two at once: the second is told', async () => {
  const holder = robot.spawn(['flock', '/etc/systemd/system', 'sleep', '600']);
  await robot.waitFor(
    'the lock taken',
    async () =>
      (await robot.exec(['flock', '-n', '/etc/systemd/system', 'true'], { check: false })).code !== 0,
  );
  const result = await install(robot);
  expect(result).toMatchObject({
    code: 3,
    stderr: 'install.sh: another install.sh is running; nothing was changed\n',
  });
  await robot.exec(['pkill', '-x', 'sleep']);
  holder.kill();
});

test('usage', async () => {
  const help = await install(robot, '--help');
  expect(help.stdout).toContain('--dry-run');
  expect(help.code).toBe(0);
  for (const [args, words] of [
    [['--frobnicate'], 'unknown option "--frobnicate"'],
    [['--prefix'], '--prefix needs a value'],
    [['--uninstall', '--user', 'x'], '--uninstall takes only --dry-run'],
  ] as const) {
    const result = await install(robot, ...args);
    expect(result.stderr).toContain(words);
    expect(result.code).toBe(2);
  }
});
