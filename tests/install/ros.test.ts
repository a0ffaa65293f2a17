import { installRos, Robot } from '@rovi/testbed';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { cleanRobot, install, property, tree } from './installation.js';

/**
 * `install.sh --ros` without a registry: npm is a stand-in that leaves what a build leaves, and more. With the real npm
 * and a real ROS: tests/with-ros.
 */
const NPM = String.raw`#!/bin/sh
[ "$1" = ci ] || exit 9
[ ! -e /etc/no-registry ] || { echo 'npm error network' >&2; exit 1; }
there=node_modules/rclnodejs
mkdir -p $there/generated/std_msgs $there/generated/std_srvs
echo '{ "version": "2.2.0" }' >$there/package.json
echo '{}' >$there/generated/generator.json
id -un >$there/who
env | sort >$there/environment
cp /bin/true $there/elevated; chmod 6777 $there/elevated
ln -s /etc/shadow $there/link
touch $there/private; chmod 600 $there/private
`;
const THERE = '/usr/local/lib/rovi/ros';

let robot: Robot;
const installWithRos = () => install(robot, '--node', '/opt/stand-in/node', '--ros');

beforeAll(async () => {
  robot = await Robot.boot({ name: 'install-ros' });
  await installRos(robot);
});
afterEach(async () => {
  await cleanRobot(robot);
  await robot.shell('rm -rf /etc/no-registry /usr/local/lib/rovi');
});
afterAll(async () => {
  await robot?.shutdown();
});

async function bringNpm(): Promise<void> {
  await robot.writeFile('/opt/stand-in/npm', NPM, { mode: '0755' });
  await robot.shell('ln -sf "$(type -P node)" /opt/stand-in/node');
}

test('builds as the service user in the environment of the stacks; what comes of it is root’s and harmless', async () => {
  await bringNpm();
  const { code, stdout, stderr } = await installWithRos();
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('✓ rclnodejs 2.2.0 built, messages of 2 packages generated');
  const there = `${THERE}/node_modules/rclnodejs`;
  expect(await robot.readFile(`${there}/who`)).toBe('rovi\n');
  const environment = await robot.readFile(`${there}/environment`);
  expect(environment).toContain('ROVI_ENV_FILE=/etc/rovi/.env.robot\n');
  expect(environment).toContain('ROS_DISTRO=jazzy\n');
  const { stdout: wrong } = await robot.shell(
    `find ${THERE} ! -type l \\( -perm /6022 -o ! -user root -o ! -perm -444 \\)`,
  );
  expect(wrong).toBe('');
  expect((await robot.exec(['readlink', `${there}/link`])).stdout).toBe('/etc/shadow\n');
  expect((await robot.exec(['ls', '-A', '/var/tmp'])).stdout).not.toContain('rovi-ros');
});

test('a second run replaces the first as a whole; one that fails leaves it', async () => {
  await bringNpm();
  expect((await installWithRos()).code).toBe(0);
  await robot.shell(`touch ${THERE}/of-the-first`);
  expect((await installWithRos()).code).toBe(0);
  expect((await robot.shell(`ls -A ${THERE} /usr/local/lib/rovi`)).stdout).not.toMatch(
    /of-the-first|rovi-(old|new)/,
  );
  const before = (await tree(robot)).filter((line) => line.startsWith(THERE));
  await robot.shell('touch /etc/no-registry');
  const { code, stderr } = await installWithRos();
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/could not be built.*npm error network.*Mend that/s),
  ]);
  expect((await tree(robot)).filter((line) => line.startsWith(THERE))).toEqual(before);
});

test('without ROS all else is installed, and the reason is said', async () => {
  await bringNpm();
  await robot.shell('rm -rf /opt/ros /home/rovi/dev/Roblibs/rovi_ros_ws/install');
  const { code, stderr } = await installWithRos();
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/could not be built; all else is installed.*run_in_ros: .* is not built/s),
  ]);
  expect(await property(robot, 'rovi-gateway.service', 'ActiveState')).toBe('active');
  const { stdout } = await robot.exec(['rovictl', 'status']);
  expect(stdout).toMatch(/ROS +○ off: /);
});

test('a folder there that is not Rovi’s is refused, and nothing is changed', async () => {
  await bringNpm();
  await robot.shell(`mkdir -p ${THERE}; echo mine >${THERE}/file`);
  const before = await tree(robot);
  const { code, stderr } = await installWithRos();
  expect([code, stderr]).toEqual([3, expect.stringContaining(`${THERE} is not Rovi's`)]);
  expect(await tree(robot)).toEqual(before);
});

test('--uninstall and a new prefix take it off; --dry-run only says it', async () => {
  await bringNpm();
  const { stdout } = await install(robot, '--node', '/opt/stand-in/node', '--ros', '--dry-run');
  expect(stdout).toMatch(/build +\/usr\/local\/lib\/rovi\/ros/);
  expect((await robot.exec(['test', '-e', THERE], { check: false })).code).toBe(1);
  expect((await installWithRos()).code).toBe(0);
  expect((await install(robot, '--prefix', '/opt/rovi')).code).toBe(0);
  expect((await robot.exec(['test', '-e', THERE], { check: false })).code).toBe(1);
  expect((await installWithRos()).code).toBe(0);
  expect(
    (await robot.exec(['test', '-e', '/opt/rovi/lib/rovi/ros/node_modules'], { check: false })).code,
  ).toBe(0);
  expect((await install(robot, '--uninstall')).code).toBe(0);
  expect((await robot.exec(['test', '-e', '/opt/rovi/lib/rovi'], { check: false })).code).toBe(1);
});
