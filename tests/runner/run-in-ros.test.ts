import type { Robot } from '@rovi/testbed';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bootRunnerRobot, ENV_FILE } from './runner-robot.js';

let robot: Robot;

beforeAll(async () => {
  robot = await bootRunnerRobot();
});
afterAll(async () => {
  await robot?.shutdown();
});

const runInRos = (words: readonly string[], env: Record<string, string> = {}) =>
  robot.exec(['/opt/rovi-src/run_in_ros.sh', ...words], {
    user: 'rovi',
    check: false,
    env: { ROVI_ENV_FILE: ENV_FILE, ...env },
  });

test('becomes the command, in the environment of the stacks', async () => {
  const { code, stdout } = await runInRos(['sh', '-c', 'echo $ROVI_ROS_WS_DIR; type ros2; exit 7']);
  expect([code, stdout]).toEqual([
    7,
    expect.stringMatching(/^\/home\/rovi\/ws\nros2 is \/opt\/ros\/jazzy\/bin\/ros2\n/),
  ]);
});

test.each<[string, string[], Record<string, string>, number, RegExp]>([
  ['no command', [], {}, 64, /^run_in_ros: usage: run_in_ros\.sh COMMAND/],
  [
    'no environment file',
    ['true'],
    { ROVI_ENV_FILE: '/nowhere' },
    78,
    /^run_in_ros: environment file \/nowhere is missing/,
  ],
  ['no such ROS', ['true'], { ROS_DISTRO: 'kinetic' }, 69, /^run_in_ros: ROS kinetic is not installed/],
])('%s: its own exit code and one line', async (_, words, env, expected, line) => {
  const { code, stderr } = await runInRos(words, env);
  expect(code).toBe(expected);
  expect(stderr).toMatch(line);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
});

test('a ROS that is sourced already, as the gateway of a launch has it, need not be below /opt/ros', async () => {
  const inherited = {
    ROS_DISTRO: 'fromsource',
    AMENT_PREFIX_PATH: '/opt/fromsource',
    PATH: '/opt/ros/jazzy/bin:/usr/bin:/bin',
  };
  const { code, stdout } = await runInRos(['sh', '-c', 'type ros2'], inherited);
  expect([code, stdout]).toEqual([0, expect.stringContaining('/bin/ros2')]);
});
