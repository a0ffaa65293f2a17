import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '@rovi/testbed';
import { describe, expect, test } from 'vitest';
import { hasRos, RosRobot } from './ros-robot.js';

const tryIt = readFileSync(
  join(REPOSITORY, 'packages/ros/rovi_bringup/examples/try-it.yaml'),
  'utf8',
).replace(/^workspace: .*$/m, 'workspace: /home/rovi/dev/Roblibs/rovi_ros_ws');

describe.skipIf(!hasRos)('the real ros2 launch, with the gateway as a launch', () => {
  const installed = new RosRobot('with-ros-launch', {
    catalog: tryIt,
    realLaunch: true,
  });

  test('gateway.launch.py is the unit, the conductor and its ROS process are in it', async () => {
    const pid = await installed.property('rovi-gateway.service', 'MainPID');
    expect(await installed.robot.readFile(`/proc/${pid}/cmdline`)).toContain('gateway.launch.py');
    expect((await installed.api.ros()).face).toMatchObject({ state: 'on' });
    const lines = (await installed.robot.exec(['rovictl', 'logs', 'gateway', '--json'])).stdout;
    expect(lines).toContain('ROS face changed');
  });

  test('a stack of real nodes is started by a service call, seen on topics, and stopped', async () => {
    expect(await installed.trigger('/rovi/stacks/example/start')).toEqual({
      success: true,
      message: 'succeeded: example running, 2 of 2 processes',
    });
    expect(await installed.latched('/rovi/units/example/processes/example_talker')).toBe('True');
    await installed.robot.waitFor(
      'the nodes in the graph',
      async () =>
        (await installed.rovictl(['ros', 'probe', 'node', '/example_talker'])).code === 0 &&
        (await installed.rovictl(['ros', 'probe', 'node', '/rovi/conductor'])).code === 0,
      30_000,
    );
    expect(await installed.trigger('/rovi/stacks/example/stop')).toMatchObject({ success: true });
    expect(await installed.latched('/rovi/units/example/state')).toBe('inactive');
    expect(await installed.property('rovi-example.service', 'Result')).toBe('success');
  });

  test('a node that dies is told: its topic, the verdict, diagnostics', async () => {
    await installed.api.start('example');
    await installed.robot.shell("pkill -9 -f 'example_listene[r]'");
    await installed.waitForStack('example', 'not whole', ({ verdict }) => verdict.level === 'warn');
    await installed.robot.waitFor(
      'the topic to tell',
      async () => (await installed.latched('/rovi/units/example/processes/example_listener')) === 'False',
    );
    expect(
      (await installed.ros('timeout 30 ros2 topic echo --once --full-length /diagnostics')).stdout,
    ).toContain('RUNNING: running, 1 of 2 processes, example_listener missing');
    await installed.api.stopAll();
  });
});
