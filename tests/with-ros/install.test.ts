import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { hasRos, RosRobot } from './ros-robot.js';

const run = promisify(execFile);

describe.skipIf(!hasRos)('install.sh --ros with a real ROS 2', () => {
  // The real ros2 comes first on PATH: rclnodejs finds the headers of ROS beside it.
  const installed = new RosRobot('with-ros-install', { withoutRclnodejs: true, realLaunch: true });

  /** In the robot but for its network: npm's registry is outside. */
  const install = (...words: string[]) =>
    run(
      'nsenter',
      [
        ...['-t', String(installed.robot.leader), '-m', '-p', '-u', '-i', '--'],
        ...['env', '-i', 'HOME=/root', 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
        ...['/opt/rovi-src/install.sh', ...words],
      ],
      { timeout: 400_000, maxBuffer: 10_000_000 },
    );

  test('builds rclnodejs as the service user, root owns the outcome, and the face turns on beside a running stack', async () => {
    await installed.robot.waitFor('the face off', async () => {
      const { state, text } = (await installed.api.ros()).face;
      return state === 'off' && text.includes('rclnodejs is not installed');
    });
    const gateway = await installed.run('rovi-gateway.service');
    const { stdout } = await install('--ros');
    expect(stdout).toMatch(/✓ rclnodejs 2\.\d+\.\d+ built, messages of \d+ packages generated/);
    expect(stdout).toMatch(/ROS ● on since/);
    expect(await installed.run('rovi-gateway.service')).toEqual(gateway);
    expect((await installed.api.ros()).face).toMatchObject({ state: 'on', detail: { interfaces: 'typed' } });
    const { stdout: wrong } = await installed.robot.exec([
      'find',
      '/usr/local/lib/rovi/ros',
      '-not',
      '-type',
      'l',
      '(',
      '-perm',
      '/6022',
      '-o',
      '-not',
      '-user',
      'root',
      ')',
    ]);
    expect(wrong).toBe('');
    expect((await installed.robot.exec(['ls', '-A', '/var/tmp'])).stdout).not.toContain('rovi-ros');
  }, 500_000);

  test('without the registry it fails with npm’s reason, and what was there goes on', async () => {
    const { code, stderr } = await installed.robot.exec(['/opt/rovi-src/install.sh', '--ros'], {
      check: false,
      timeoutMs: 400_000,
    });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/rclnodejs could not be built.*npm error/s)]);
    expect((await installed.api.ros()).face.state).toBe('on');
    expect((await installed.rovictl(['ros', 'restart'], { timeoutMs: 90_000 })).code).toBe(0);
  }, 500_000);

  test('--uninstall takes it off again', async () => {
    await installed.robot.exec(['/opt/rovi-src/install.sh', '--uninstall']);
    expect(await installed.exists('/usr/local/lib/rovi')).toBe(false);
  });
});
