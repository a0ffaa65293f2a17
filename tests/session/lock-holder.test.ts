import { setStack } from '@rovi/testbed';
import { afterEach, expect, test } from 'vitest';
import { failureOf, InstalledRobot, OPERATOR, SESSION, shippedCatalog } from '../installed-robot.js';

const installed = new InstalledRobot('lock-holder', {
  catalog: shippedCatalog((catalog) => {
    catalog.lock_wait = 1;
  }),
});
const NAV = 'rovi-nav.service';
const CAMERA = 'rovi-camera.service';

afterEach(async () => {
  await installed.api.stopAll();
});

/** The node that has left its launch: only then is it a child of PID 1. */
function orphanPid(): Promise<string> {
  return installed.robot.waitFor('the orphan', async () =>
    (await installed.robot.exec(['pgrep', '-x', '-P', '1', 'orphan'])).stdout.trim(),
  );
}

/** A stop that meets Python in its first milliseconds can be lost (docs/real-ros.md): it is sent when the launch is up. */
function comesUp(stack: string): Promise<unknown> {
  return installed.waitForStack(stack, 'whole', ({ verdict }) => verdict.level === 'ok');
}

/** The robot is nav's, as in this run, and nobody else's. */
async function assertNavUntouched(run: Record<string, string>): Promise<void> {
  expect(await installed.run(NAV)).toEqual(run);
  expect(await installed.robot.readFile(SESSION)).toBe('rovi_bringup/nav.launch.py\n');
  expect((await installed.robot.readFile(`${SESSION}.owner`)).trim()).toBe(run['InvocationID']);
}

test('through the API a second stack is refused before anything is tried: who, since when, which PID', async () => {
  await installed.api.start('nav');
  const run = await installed.run(NAV);
  const { since } = (await installed.api.stack('nav')).stack.unit;
  const pid = Number(run['MainPID']);
  const failure = await failureOf(installed.api.start('camera'));
  expect(failure).toMatchObject({
    code: 'stack-busy',
    message: `nav holds the robot (running, 4 of 4 processes, since ${since}, PID ${pid})`,
    mend: 'Use switch to replace it, or stop nav first.',
    context: { holder: 'nav', state: 'RUNNING', since, pid },
  });
  expect(await installed.property(CAMERA, 'InvocationID')).toBe('');
  const viaRovictl = await installed.rovictl(['stack', 'start', 'camera'], { user: OPERATOR });
  expect(viaRovictl.code).toBe(3);
  expect(viaRovictl.stderr).toContain('[stack-busy]');
  expect(viaRovictl.stderr).toContain(String(pid));
  await assertNavUntouched(run);
});

test('past the conductor the runner refuses: 75, one line naming the holder; the winner is not touched', async () => {
  await installed.api.start('nav');
  const run = await installed.run(NAV);
  const started = await installed.systemctl(['start', CAMERA], { user: OPERATOR });
  expect(started.code).toBe(1);
  expect(await installed.property(CAMERA, 'ExecMainStatus')).toBe('75');
  expect(await installed.runnerSaid(CAMERA)).toEqual([
    expect.stringMatching(
      new RegExp(
        `^run_stack: camera did not get the stack lock within 1 s: held by rovi-nav\\.service \\(PID ${run['MainPID']}, ros2\\) since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$`,
      ),
    ),
  ]);
  await assertNavUntouched(run);
  const camera = await installed.waitForStack('camera', 'seen failed', ({ state }) => state === 'FAILED');
  expect(camera.failure).toMatchObject({
    exit_status: 75,
    text: 'exit code 75: another stack holds the lock, or still lives',
  });
  // Losing a contention is no crash, and holds nothing.
  expect(camera.crashes).toBe(0);
  expect(await installed.api.state()).toMatchObject({ active: 'nav', known: true });
  await installed.api.stop('nav');
  expect(await installed.api.start('camera')).toMatchObject({ outcome: 'succeeded' });
});

test('a start that waits for the lock says so, gets it when the holder goes, and the session is then its own', async () => {
  const { robot } = installed;
  const dropIns = `/etc/systemd/system/${CAMERA}.d`;
  // It must still wait when nav has ended: seconds may be over before that.
  await robot.writeFile(
    `${dropIns}/story.conf`,
    '[Service]\nEnvironment=ROVI_LOCK_WAIT=25\nTimeoutStartSec=40\n',
  );
  await installed.systemctl(['daemon-reload']);
  await installed.api.start('nav');
  await installed.systemctl(['start', '--no-block', CAMERA]);
  await installed.waitForUnit(CAMERA, 'activating');
  expect(await installed.robot.readFile(SESSION)).toBe('rovi_bringup/nav.launch.py\n');
  await installed.systemctl(['stop', NAV]);
  await installed.waitForUnit(CAMERA, 'active');
  expect(await installed.robot.readFile(SESSION)).toBe('rovi_bringup/camera.launch.py\n');
  expect((await installed.robot.readFile(`${SESSION}.owner`)).trim()).toBe(
    await installed.property(CAMERA, 'InvocationID'),
  );
  expect(await installed.exists(SESSION)).toBe(true);
  await comesUp('camera');
  await robot.shell(`rm -r ${dropIns}; systemctl daemon-reload`);
});

test('all five at once past the conductor: one wins, four lose with 75, the session is the winner’s', async () => {
  const units = ['teleop', 'mapping', 'localization', 'nav', 'camera'].map((name) => `rovi-${name}.service`);
  await installed.systemctl(['start', ...units]);
  const states = await Promise.all(units.map((unit) => installed.property(unit, 'ActiveState')));
  expect([...states].sort()).toEqual(['active', 'failed', 'failed', 'failed', 'failed']);
  const winner = units[states.indexOf('active')] ?? '';
  for (const unit of units.filter((each) => each !== winner)) {
    expect(await installed.property(unit, 'ExecMainStatus'), unit).toBe('75');
    expect((await installed.runnerSaid(unit)).join(), unit).toContain(`held by ${winner} (PID `);
  }
  expect(await installed.robot.readFile(SESSION)).toBe(
    `rovi_bringup/${winner.slice('rovi-'.length, -'.service'.length)}.launch.py\n`,
  );
  expect((await installed.robot.readFile(`${SESSION}.owner`)).trim()).toBe(
    await installed.property(winner, 'InvocationID'),
  );
  await comesUp(winner.slice('rovi-'.length, -'.service'.length));
});

test('the lock taken by something that is no stack: lock-lost names its PID, program and unit', async () => {
  await installed.squat();
  const failure = await failureOf(installed.api.start('nav'));
  expect(failure).toMatchObject({ code: 'lock-lost', context: { exit: { exit_status: 75 } } });
  expect(failure.message).toMatch(/held by .*PID \d+ \((flock|sleep), squatter\.service\)/);
  expect(failure.mend).not.toBe('');
  const holders = failure.context['holders'] as { pid: number; unit: string }[];
  expect(holders.map(({ unit }) => unit)).toContain('squatter.service');
  for (const { pid } of holders) expect(await installed.exists(`/proc/${pid}`)).toBe(true);
  expect(await installed.exists(SESSION)).toBe(false);
  await installed.systemctl(['stop', 'squatter']);
  expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded' });
});

test('a node that outlives its launch: systemd ends it with the cgroup, and only then is the lock free', async () => {
  const { robot } = installed;
  await setStack(robot, 'teleop', {
    nodes: [{ name: 'joy_node' }, { name: 'orphan', outlivesLaunch: true }],
  });
  await installed.systemctl(['start', 'rovi-teleop']);
  const orphan = await orphanPid();
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', 'rovi-teleop']);
  await installed.waitForUnit('rovi-teleop', 'failed');
  // It has left its cgroup before its parent has heard of its end.
  await installed.robot.waitFor('its end', async () => !(await installed.exists(`/proc/${orphan}`)));
  expect(await installed.lockIsFree()).toBe(true);
  expect(await installed.exists(SESSION)).toBe(false);
});

test('where systemd may not end it, it is seen, holds the robot, and is named to whoever starts next', async () => {
  const { robot } = installed;
  await robot.writeFile(
    '/etc/systemd/system/rovi-teleop.service.d/story.conf',
    '[Service]\nKillMode=process\n',
  );
  await installed.systemctl(['daemon-reload']);
  await setStack(robot, 'teleop', {
    nodes: [{ name: 'joy_node' }, { name: 'orphan', outlivesLaunch: true }],
  });
  await installed.systemctl(['start', 'rovi-teleop']);
  const orphan = await orphanPid();
  await installed.systemctl(['stop', 'rovi-teleop']);
  expect(await installed.property('rovi-teleop', 'ActiveState')).toBe('inactive');
  expect(await installed.exists(SESSION)).toBe(false);
  expect(await installed.exists(`/proc/${orphan}`)).toBe(true);
  expect(await installed.lockIsFree()).toBe(false);

  const teleop = await installed.waitForStack(
    'teleop',
    'seen as not gone',
    ({ verdict }) => verdict.level === 'error',
  );
  expect(teleop.verdict.text).toBe('unit inactive, but 1 process still alive');
  expect(teleop.processes).toEqual([{ pid: Number(orphan), comm: 'orphan' }]);
  expect(await failureOf(installed.api.start('nav'))).toMatchObject({
    code: 'stack-busy',
    context: { holder: 'teleop', pid: Number(orphan) },
  });
  expect((await installed.systemctl(['start', NAV])).code).toBe(1);
  expect((await installed.runnerSaid(NAV)).join()).toContain(
    `held by rovi-teleop.service (PID ${orphan}, orphan)`,
  );
  expect(await failureOf(installed.api.stop('teleop'))).toMatchObject({ code: 'stop-incomplete' });

  await robot.exec(['kill', '-9', orphan]);
  await installed.waitForStack('teleop', 'seen stopped', ({ state }) => state === 'STOPPED');
  expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded' });
});

installed.expectNoWarningsBut(
  /^rovi-\w+\.service\[3\] systemd: Failed to start rovi-\w+\.service/,
  /^rovi-\w+\.service\[4\] systemd: rovi-\w+\.service: Failed with result 'exit-code'\.$/,
  /^rovi-teleop\.service\[4\] systemd: rovi-teleop\.service: Main process exited, code=killed, status=9\/KILL$/,
  /^rovi-teleop\.service\[4\] systemd: rovi-teleop\.service: Failed with result 'signal'\.$/,
  /^rovi-teleop\.service\[4\] systemd: rovi-teleop\.service: (Unit process \d+ \(orphan\) remains running after unit stopped\.|Found left-over process \d+ \(orphan\))/,
  /^rovi-teleop\.service\[4\] systemd: This usually indicates unclean termination of a previous run/,
);
