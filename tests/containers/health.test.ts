import { expect, test } from 'vitest';
import { ContainerRobot, IMAGE } from './container-robot.js';

const here = new ContainerRobot('container-health');
const BOX = 'rovi-box.service';
const HEALTH = 'rovi-box-health.service';
const GATEWAY_USER = 'rovi';
const inBox = (...argv: string[]): Promise<unknown> =>
  here.robot.exec(['podman', 'exec', 'rovi-box', ...argv]);

/** Looks once, as the gateway's unprivileged user does: by a start job. What systemd then knows of the unit. */
async function look(): Promise<{ job: string; Result: string; ExecMainStatus: string; seconds: number }> {
  const begun = performance.now();
  const argv = ['systemctl', '--no-ask-password', 'start', HEALTH];
  const { code, stderr } = await here.robot.exec(argv, { user: GATEWAY_USER, check: false });
  const seconds = (performance.now() - begun) / 1000;
  expect(stderr).not.toMatch(/denied|authentication/i);
  return {
    job: code === 0 ? 'done' : 'failed',
    Result: await here.property(HEALTH, 'Result'),
    ExecMainStatus: await here.property(HEALTH, 'ExecMainStatus'),
    seconds,
  };
}

test('the unit that asks is not for everybody to start', async () => {
  await here.robot.addUser(GATEWAY_USER);
  await here.robot.addUser('stan');
  await here.install('box', {
    container: {
      image: IMAGE,
      command: ['/steady.sh'],
      healthcheck: ['sh', '-c', 'test ! -e /tmp/ill && if test -e /tmp/hang; then sleep 1234; fi'],
    },
    health: [{ probe: { type: 'container' }, timeout: 8 }],
  });
  await here.start(BOX);
  const argv = ['systemctl', '--no-ask-password', 'start', HEALTH];
  const { stderr } = await here.robot.exec(argv, { user: 'stan', check: false });
  expect(stderr).toMatch(/denied|authentication/i);
});

test('healthy, unhealthy, and healthy again, as often as one asks', async () => {
  for (let round = 0; round < 7; round += 1)
    expect(await look()).toMatchObject({ job: 'done', Result: 'success' });
  await inBox('touch', '/tmp/ill');
  for (let round = 0; round < 7; round += 1) {
    expect(await look()).toMatchObject({ job: 'failed', Result: 'exit-code', ExecMainStatus: '1' });
  }
  await inBox('rm', '/tmp/ill');
  expect(await look()).toMatchObject({ job: 'done', Result: 'success' });
});

test('a check that hangs ends in its time, in the container too, and the next one is asked', async () => {
  await inBox('touch', '/tmp/hang');
  const seconds: number[] = [];
  // A third one where both were late: on a machine that is shared Podman takes seconds for a word, at times.
  while (seconds.length < 2 || (seconds.length < 3 && Math.min(...seconds) >= 13)) {
    const hung = await look();
    seconds.push(hung.seconds);
    expect(hung).toMatchObject({ job: 'failed', Result: 'timeout' });
    const { stdout } = await here.robot.exec(['ps', '-eo', 'args=']);
    expect(stdout).not.toContain('sleep 1234');
  }
  expect(Math.min(...seconds)).toBeLessThan(13);
  await inBox('rm', '/tmp/hang');
  expect(await look()).toMatchObject({ job: 'done', Result: 'success' });
  // The container itself was not touched by any of it.
  expect(await here.property(BOX, 'NRestarts')).toBe('0');
  expect(await here.property(BOX, 'ActiveState')).toBe('active');
});

test('a container that is gone is an error of its own, and a restarted one is well', async () => {
  await here.robot.exec(['systemctl', 'stop', BOX]);
  expect(await look()).toMatchObject({ job: 'failed', Result: 'exit-code', ExecMainStatus: '125' });
  await here.start(BOX);
  expect(await look()).toMatchObject({ job: 'done', Result: 'success' });
});

test('good news is not in the journal, bad news is, and Podman asks nobody by itself', async () => {
  const lines = async () =>
    (await here.robot.journal(['-u', HEALTH, '-o', 'cat'])).split('\n').filter(Boolean);
  await expect.poll(lines).toContainEqual(expect.stringContaining("Failed with result 'timeout'"));
  await expect
    .poll(lines)
    .toContainEqual(expect.stringContaining('no container with name or ID "rovi-box" found'));
  expect((await lines()).filter((line) => /Starting|Finished|Deactivated/.test(line))).toEqual([]);
  const timers = await here.robot.exec(['systemctl', 'list-timers', '--all', '--no-legend', '--plain']);
  expect(timers.stdout).not.toMatch(/[0-9a-f]{64}/);
  await here.robot.exec(['systemctl', 'stop', BOX]);
  expect(await here.remains()).toEqual([]);
});
