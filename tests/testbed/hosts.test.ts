import { afterAll, beforeAll, expect, test } from 'vitest';
import { Robot, type CommandResult } from '@rovi/testbed';

// A robot is itself a machine with systemd as PID 1 and cgroup v2 alone: what a developer's laptop is.
let laptop: Robot;

beforeAll(async () => {
  laptop = await Robot.boot({ name: 'laptop' });
});
afterAll(() => laptop.shutdown());

const PRELUDE = `import { Robot, missingHostTools } from '/opt/rovi-src/packages/testbed/dist/index.js';`;

function node(script: string, options: { user?: string } = {}): Promise<CommandResult> {
  return laptop.exec(['node', '--input-type=module', '-e', PRELUDE + script], { ...options, check: false });
}

test('robots boot and reboot where systemd is PID 1, and leave nothing', async () => {
  const { code, stdout, stderr } = await node(`
    const robot = await Robot.boot({ name: 'inner' });
    await robot.reboot();
    console.log((await robot.exec(['systemctl', 'is-system-running'])).stdout.trim());
    await robot.shutdown();
  `);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'running\n', stderr: '' });
  expect((await laptop.shell('ls /sys/fs/cgroup | grep rovi', { check: false })).stdout).toBe('');
  expect((await laptop.exec(['systemctl', 'is-system-running'])).stdout).toBe('running\n');
  expect((await laptop.shell('pgrep -f systemd-nspawn', { check: false })).stdout).toBe('');
});

test('without root it is said that root is needed', async () => {
  await laptop.addUser('developer');
  const { code, stderr } = await node('await Robot.boot();', { user: 'developer' });
  expect(code).toBe(1);
  expect(stderr).toContain(
    'booting a robot needs root (mounts, cgroups, systemd-nspawn): run this with sudo',
  );
});

test('what is missing is named with its package', async () => {
  await laptop.shell('set -e; for one in systemd-nspawn dbus-daemon; do mv "$(command -v $one)" /srv/; done');
  try {
    const { stdout, stderr } = await node('console.log(missingHostTools()); await Robot.boot();');
    expect(stdout).toContain("{ tool: 'systemd-nspawn', package: 'systemd-container' }");
    expect(stderr).toContain('without systemd-nspawn, dbus-daemon: apt-get install systemd-container dbus');
  } finally {
    await laptop.shell('mv /srv/systemd-nspawn /srv/dbus-daemon /usr/bin/');
  }
});
