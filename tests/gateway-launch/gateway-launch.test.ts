import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, setStack } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { InstalledRobot } from '../boot/installed-robot.js';

/** The example whose gateway is `ros2 launch`, with a watchdog that a test can wait for. */
const catalog = parse(readFileSync(join(REPOSITORY, 'examples/ros-gateway.yaml'), 'utf8')) as {
  gateway: { watchdog?: number };
};
catalog.gateway.watchdog = 6;

const GATEWAY = 'rovi-gateway.service';
const CONDUCTOR = ['/usr/local/lib/rovi/rovi-gateway', '--catalog', '/etc/rovi/rovi.yaml'];

/** What the gateway's launch file starts: a driver and the conductor, as gateway.launch.py does. */
const rovi = new InstalledRobot('launched', {
  catalog: stringify(catalog),
  before: (robot) =>
    setStack(robot, 'gateway', {
      nodes: [{ name: 'base_driver' }, { name: 'rovi-gateway', command: CONDUCTOR, required: true }],
    }),
});

async function conductorPid(): Promise<string> {
  return (await rovi.robot.exec(['pgrep', '-u', 'rovi', '-f', 'rovi-gateway.mjs'])).stdout.trim();
}

test('the launch is the main process, and the conductor in it says when the gateway is ready', async () => {
  expect(await rovi.property(GATEWAY, 'ActiveState')).toBe('active');
  const main = await rovi.property(GATEWAY, 'MainPID');
  const line = await rovi.robot.readFile(`/proc/${main}/cmdline`);
  expect(line.split('\0').slice(-7, -1)).toEqual([
    'launch',
    '--noninteractive',
    'rovi_bringup',
    'gateway.launch.py',
    'robot_mode:=real',
    'serial_port:=/dev/ttyUSB0',
  ]);
  expect(await rovi.property(GATEWAY, 'StatusText')).toBe('No stack active');
  expect(String((await rovi.api.health()).pid)).toBe(await conductorPid());
});

test('its conductor starts and stops stacks as the unprivileged user', async () => {
  expect(await rovi.api.start('nav')).toMatchObject({ outcome: 'succeeded' });
  expect((await rovi.api.stop('nav')).outcome).toBe('succeeded');
});

test('its conductor keeps the watchdog fed, and is missed when it hangs; the stack lives on', async () => {
  await rovi.api.start('nav');
  const before = await rovi.run('rovi-nav.service');
  const ping = () => rovi.property(GATEWAY, 'WatchdogTimestampMonotonic');
  const first = await ping();
  await rovi.robot.waitFor('a sign of life', async () => (await ping()) !== first, 10_000);
  await rovi.robot.exec(['kill', '-STOP', await conductorPid()]);
  await rovi.waitForUnit(GATEWAY, 'failed');
  expect(await rovi.property(GATEWAY, 'Result')).toBe('watchdog');
  expect(await rovi.run('rovi-nav.service')).toEqual(before);
});

test('started again, it finds the stack as it is; stopped, it takes the stack along', async () => {
  const before = await rovi.run('rovi-nav.service');
  expect((await rovi.systemctl(['start', GATEWAY])).code).toBe(0);
  expect((await rovi.api.state()).active).toBe('nav');
  expect(await rovi.run('rovi-nav.service')).toEqual(before);
  await rovi.systemctl(['stop', GATEWAY]);
  expect(await rovi.property(GATEWAY, 'Result')).toBe('success');
  expect(await rovi.property('rovi-nav.service', 'ActiveState')).toBe('inactive');
});

rovi.expectNoWarningsBut(
  /Watchdog timeout/,
  /Killing process/,
  /Failed with result 'watchdog'/,
  /Main process exited/,
);
