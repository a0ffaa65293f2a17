import { installRos, Robot } from '@rovi/testbed';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

/**
 * What `install.sh --ros` runs as the service user are strangers' scripts. Here they are a stand-in for npm, beside a
 * Node of its own: it does what such a script, or any process of that user, could do to the folder it builds in.
 */
let robot: Robot;
const NODE = '/opt/node-with-npm/bin';
const ROS = '/usr/local/lib/rovi/ros';
const built = `mkdir -p node_modules/rclnodejs/generated/std_msgs
printf '{}' >node_modules/rclnodejs/generated/generator.json
printf '{\\n  "name": "rclnodejs",\\n  "version": "2.2.0"\\n}\\n' >node_modules/rclnodejs/package.json`;

const setNpm = (text: string) =>
  robot.writeFile(`${NODE}/npm`, `#!/bin/bash\nset -e\n${text}\n`, { mode: '0755' });
const installer = [
  'timeout',
  '-s',
  'KILL',
  // What it waits for by mistake takes longer.
  '100',
  '/opt/rovi-src/install.sh',
  '--node',
  `${NODE}/node`,
  '--ros',
];
const installWithRos = () => robot.exec(installer, { check: false });
const exists = async (path: string) => (await robot.exec(['test', '-e', path], { check: false })).code === 0;

beforeAll(async () => {
  robot = await Robot.boot({ name: 'ros-build' });
  await installRos(robot);
  await robot.shell(`mkdir -p ${NODE}; cp -L "$(type -P node)" ${NODE}/node`);
});
afterEach(() => installRos(robot));
afterAll(async () => {
  await robot?.shutdown();
});

test('what it built becomes root’s, beside a setup file that prints and leaves something running', async () => {
  await robot.shell(`printf '%s\\n' 'echo welcome to ROS' 'setsid sleep 600 &' >>/opt/ros/jazzy/setup.bash`);
  await setNpm(built);
  const { code, stdout, stderr } = await installWithRos();
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('✓ rclnodejs 2.2.0 built, messages of 1 packages generated');
  expect((await robot.exec(['find', ROS, '!', '-user', 'root'])).stdout).toBe('');
});

test('nothing of it runs as root', async () => {
  await setNpm(`${built}
cd node_modules/rclnodejs
printf 'require("fs").writeFileSync("/root/was-here", "")\\n' >$HOME/evil.js
rm package.json
ln -s $HOME/evil.js package.json`);
  const { code } = await installWithRos();
  expect(await exists('/root/was-here')).toBe(false);
  expect(code).toBe(1);
});

test('it has no hold of the terminal of the installer, nor of the installer’s lock', async () => {
  await setNpm(`${built}
if { : </dev/tty; } 2>/dev/null; then : >node_modules/had-a-terminal; fi
if [ -e /proc/self/fd/8 ]; then : >node_modules/had-the-lock; fi`);
  await robot.exec([
    ...['script', '-qec', `/opt/rovi-src/install.sh --node ${NODE}/node --ros`, '/dev/null'],
  ]);
  expect((await robot.exec(['ls', `${ROS}/node_modules`])).stdout).toBe('rclnodejs\n');
});

test('a device node in what it hands over is not made one of root’s', async () => {
  // `tar` of the service user's own workspace.
  const tar = `#!/usr/bin/python3
import sys, tarfile
with tarfile.open(fileobj=sys.stdout.buffer, mode='w|') as out:
    node = tarfile.TarInfo('node_modules/disk')
    node.type, node.mode, node.devmajor, node.devminor = tarfile.CHRTYPE, 0o666, 1, 3
    out.addfile(node)
    for name in ('package.json', 'package-lock.json'):
        out.add(name)
`;
  await robot.writeFile('/home/rovi/bin/tar', tar, { mode: '0755', owner: 'rovi' });
  await robot.shell(`printf 'export PATH=/home/rovi/bin:$PATH\\n' >>/opt/ros/jazzy/setup.bash`);
  await setNpm(built);
  await installWithRos();
  expect(
    (await robot.exec(['find', ROS, '!', '-type', 'f', '!', '-type', 'd', '!', '-type', 'l'])).stdout,
  ).toBe('');
});

test('interrupted, it ends what it had started, and leaves what is installed and no build folder', async () => {
  await setNpm('echo $$ >/tmp/npm-runs; sleep 300');
  const before = (await robot.exec(['stat', '-c', '%i', ROS])).stdout;
  const child = robot.spawn(['/opt/rovi-src/install.sh', '--node', `${NODE}/node`, '--ros']);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const npm = await robot.waitFor('npm', async () => (await robot.readFile('/tmp/npm-runs')).trim());
  await robot.shell("pkill -INT -f 'install.sh --nod[e]'");
  await ended;
  await robot.waitFor('npm to end', async () => !(await exists(`/proc/${npm}`)));
  expect((await robot.exec(['ls', '-A', '/var/tmp'])).stdout).not.toContain('rovi-ros');
  expect((await robot.exec(['stat', '-c', '%i', ROS])).stdout).toBe(before);
});
