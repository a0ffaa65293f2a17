import type { Robot } from '@rovi/testbed';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import {
  bootRunnerRobot,
  ENV_FILE,
  LOCK,
  property,
  resetRunnerRobot,
  said,
  SESSION,
  WORKSPACE,
} from './runner-robot.js';

let robot: Robot;

beforeAll(async () => {
  robot = await bootRunnerRobot();
});
afterEach(async () => {
  await resetRunnerRobot(robot);
});
afterAll(async () => {
  await robot?.shutdown();
});

const systemctl = (...argv: string[]) => robot.exec(['systemctl', ...argv], { check: false });
const exists = async (path: string) => (await robot.exec(['test', '-e', path], { check: false })).code === 0;
const waitForState = (stack: string, state: string) =>
  robot.waitFor(
    `rovi-${stack} ${state}`,
    async () => (await property(robot, stack, 'ActiveState')) === state,
  );
const lockIsFree = async () => (await robot.exec(['flock', '-n', LOCK, 'true'], { check: false })).code === 0;

/** Runs the runner by hand as rovi, outside any stack unit. */
const byHand = (script: string, env: Record<string, string> = {}) =>
  robot.exec(
    [
      'env',
      `ROVI_ENV_FILE=${ENV_FILE}`,
      'ROVI_LOCK_WAIT=1',
      ...Object.entries(env).map(([k, v]) => `${k}=${v}`),
      'bash',
      '-c',
      script,
    ],
    { user: 'rovi', check: false },
  );

test('a start: lock, session file, readiness, and the launch as main process', async () => {
  expect((await systemctl('start', 'rovi-nav')).code).toBe(0);
  const pid = await property(robot, 'nav', 'MainPID');
  // Ready is what the runner says, right before it becomes the launch.
  expect(await robot.waitFor('the launch', () => robot.readFile('/run/launch.log'))).toMatch(
    /^\/dev\/null launch /,
  );
  expect((await robot.readFile(`/proc/${pid}/cmdline`)).split('\0').slice(1)).toEqual(
    [
      '/opt/ros/jazzy/bin/ros2 launch --noninteractive rovi_bringup rovi.launch.py',
      'robot_mode:=real gateway_enabled:=false stack:=nav rviz:=false',
    ]
      .join(' ')
      .split(' ')
      .concat(''),
  );
  expect(await robot.readFile(SESSION)).toBe('rovi_bringup/nav.launch.py\n');
  expect((await robot.readFile(`${SESSION}.owner`)).trim()).toBe(
    await property(robot, 'nav', 'InvocationID'),
  );
  expect(await lockIsFree()).toBe(false);
  expect((await robot.readFile(`/proc/${pid}/environ`)).split('\0')).toEqual(
    expect.arrayContaining(['ROS_DOMAIN_ID=0', `ROVI_ROS_WS_DIR=${WORKSPACE}`]),
  );
  expect(await robot.readFile(`/proc/${pid}/environ`)).not.toContain('NOTIFY_SOCKET');

  await systemctl('stop', 'rovi-nav');
  expect(await property(robot, 'nav', 'Result')).toBe('success');
  expect(await exists(SESSION)).toBe(false);
  expect(await exists(`${SESSION}.owner`)).toBe(false);
  expect(await lockIsFree()).toBe(true);
});

test('a second stack is refused with the holder named, and the loser leaves the session alone', async () => {
  await systemctl('start', 'rovi-nav');
  // From then on it is named by its own name, not by the runner's.
  await robot.waitFor('the launch', () => robot.readFile('/run/launch.log'));
  const pid = await property(robot, 'nav', 'MainPID');
  const started = await systemctl('start', 'rovi-camera');
  expect(started.code).not.toBe(0);
  expect(await property(robot, 'camera', 'ExecMainStatus')).toBe('75');
  await expect
    .poll(() => said(robot, 'camera'))
    .toEqual([
      expect.stringMatching(
        new RegExp(
          `^run_stack: camera did not get the stack lock within 1 s: held by rovi-nav\\.service \\(PID ${pid}, ros2\\) since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$`,
        ),
      ),
    ]);
  expect(await robot.readFile(SESSION)).toBe('rovi_bringup/nav.launch.py\n');
  expect(await property(robot, 'nav', 'ActiveState')).toBe('active');
});

test('a unit that waits for the lock is activating, and gets it when the holder ends', async () => {
  await systemctl('start', 'rovi-nav');
  await systemctl('start', '--no-block', 'rovi-teleop');
  await robot.waitFor(
    'teleop waiting at the lock',
    async () => (await robot.exec(['pgrep', '-x', 'flock'], { check: false })).code === 0,
  );
  expect(await property(robot, 'teleop', 'ActiveState')).toBe('activating');
  await systemctl('stop', 'rovi-nav');
  await waitForState('teleop', 'active');
  expect(await robot.readFile(SESSION)).toBe('rovi_bringup/teleop.launch.py\n');
  expect((await robot.readFile(`${SESSION}.owner`)).trim()).toBe(
    await property(robot, 'teleop', 'InvocationID'),
  );
});

test.each(['SIGINT', 'SIGTERM'])(
  '%s while waiting for the lock ends it at once and writes nothing',
  async (signal) => {
    await systemctl('start', 'rovi-nav');
    const took: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await systemctl('start', '--no-block', 'rovi-teleop');
      await robot.waitFor(
        'teleop waiting at the lock',
        async () => (await robot.exec(['pgrep', '-x', 'flock'], { check: false })).code === 0,
      );
      const before = performance.now();
      await systemctl('kill', '--kill-whom=main', `--signal=${signal}`, 'rovi-teleop');
      await robot.waitFor('teleop ended', async () =>
        /^(inactive|failed)$/.test(await property(robot, 'teleop', 'ActiveState')),
      );
      took.push(performance.now() - before);
      expect(await property(robot, 'teleop', 'ExecMainStatus')).toBe(signal === 'SIGINT' ? '2' : '15');
      expect(await said(robot, 'teleop')).toEqual([]);
      expect(await robot.readFile(SESSION)).toBe('rovi_bringup/nav.launch.py\n');
      expect(await robot.readFile('/run/launch.log')).not.toContain('stack:=teleop');
    }
    // By the signal, not by the end of its time. The best of three: what a busy machine adds is not the runner's.
    expect(Math.min(...took)).toBeLessThan(2_000);
  },
);

test('SIGKILL of the main process clears the session', async () => {
  await systemctl('start', 'rovi-nav');
  await systemctl('kill', '--kill-whom=main', '--signal=SIGKILL', 'rovi-nav');
  await waitForState('nav', 'failed');
  expect(await exists(SESSION)).toBe(false);
  expect((await systemctl('start', 'rovi-teleop')).code).toBe(0);
});

test('a node that outlives its launch holds the lock, and is the one named', async () => {
  await robot.exec(['touch', '/run/node-outlives']);
  const launch = byHand('exec /opt/rovi-src/run_stack.sh nav >/dev/null 2>&1');
  await robot.waitFor('the session', () => exists(SESSION));
  await robot.waitFor(
    'the node',
    async () => (await robot.exec(['pgrep', '-x', 'sleep'], { check: false })).code === 0,
  );
  await robot.waitFor('a launch that hears SIGINT', () => robot.readFile('/run/launch.log'));
  await robot.exec(['pkill', '-INT', '-x', 'ros2']);
  expect((await launch).code).toBe(130);
  const node = (await robot.exec(['pgrep', '-x', 'sleep'])).stdout.trim();
  await systemctl('start', 'rovi-camera');
  expect(await property(robot, 'camera', 'ExecMainStatus')).toBe('75');
  await expect
    .poll(() => said(robot, 'camera'))
    .toEqual([expect.stringContaining(`(PID ${node}, sleep) since `)]);
  // The loser cleared nothing; whoever started it by hand can, now that the launch is gone.
  expect(await robot.readFile(SESSION)).toBe('rovi_bringup/nav.launch.py\n');
  expect((await byHand('/opt/rovi-src/run_stack.sh --clear nav')).code).toBe(0);
  expect(await exists(SESSION)).toBe(false);
  await robot.exec(['kill', node]);
  await robot.waitFor('the lock to be free', lockIsFree);
  await systemctl('reset-failed', 'rovi-camera');
  expect((await systemctl('start', 'rovi-camera')).code).toBe(0);
});

test('a holder that rovi cannot look into is named all the same', async () => {
  const holder = robot.spawn(['flock', '-x', LOCK, 'sleep', '600']);
  await robot.waitFor('the lock taken', async () => !(await lockIsFree()));
  await systemctl('start', 'rovi-camera');
  await expect
    .poll(() => said(robot, 'camera'))
    .toEqual([expect.stringMatching(/held by .* \(PID \d+, flock\) since /)]);
  // It has the lock before it has its program.
  await robot.waitFor('its program', () => robot.exec(['pkill', '-x', 'sleep']));
  holder.kill();
});

test('a lock file that was replaced keeps nobody in: the new one is taken', async () => {
  await systemctl('start', 'rovi-nav');
  await systemctl('start', '--no-block', 'rovi-teleop');
  await robot.waitFor(
    'teleop waiting at the lock',
    async () => (await robot.exec(['pgrep', '-x', 'flock'], { check: false })).code === 0,
  );
  await robot.shell(`rm ${LOCK}; systemd-tmpfiles --create /etc/tmpfiles.d/rovi.conf`);
  await systemctl('stop', 'rovi-nav');
  await waitForState('teleop', 'active');
  expect(await lockIsFree()).toBe(false);
  await systemctl('start', 'rovi-camera');
  expect(await property(robot, 'camera', 'ExecMainStatus')).toBe('75');
});

test('clearing is for the invocation that wrote the session', async () => {
  await systemctl('start', 'rovi-nav');
  for (const env of [{ INVOCATION_ID: 'f'.repeat(32) }, {}]) {
    expect(await byHand('/opt/rovi-src/run_stack.sh --clear nav', env)).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(await robot.readFile(SESSION)).toBe('rovi_bringup/nav.launch.py\n');
  }
});

test('a stale session is cleared while no stack runs, and only then', async () => {
  const stale = '/opt/rovi-src/run_stack.sh --clear-stale';
  expect(await byHand(stale)).toMatchObject({ code: 0, stderr: '' });
  expect(await exists(SESSION)).toBe(false);
  await systemctl('start', 'rovi-nav');
  expect(await byHand(stale)).toMatchObject({ code: 0, stderr: '' });
  expect(await robot.readFile(SESSION)).toBe('rovi_bringup/nav.launch.py\n');
  expect(await exists(`${SESSION}.owner`)).toBe(true);
  await systemctl('stop', 'rovi-nav');
  // As a power cut leaves it: an owner of another boot, or none that can be read.
  for (const owner of [`${'f'.repeat(32)}\n`, '']) {
    await robot.writeFile(SESSION, 'rovi_bringup/nav.launch.py\n', { owner: 'rovi' });
    await robot.writeFile(`${SESSION}.owner`, owner, { owner: 'rovi' });
    await robot.shell('chown -R rovi: /home/rovi/.ros');
    expect(await byHand(stale)).toMatchObject({ code: 0, stderr: '' });
    expect(await exists(SESSION)).toBe(false);
    expect(await exists(`${SESSION}.owner`)).toBe(false);
    expect(await lockIsFree()).toBe(true);
  }
});

test('systemd starts no stack while the gateway is down, whatever the job mode', async () => {
  await systemctl('stop', 'rovi-gateway');
  let start = await systemctl('start', 'rovi-nav');
  // systemd has two seconds to say so, and what it does not say in time counts for nothing: three times.
  for (let again = 0; again < 2 && start.code === 0; again += 1) {
    await systemctl('stop', 'rovi-nav');
    start = await systemctl('start', 'rovi-nav');
  }
  expect(start.code).not.toBe(0);
  expect(await property(robot, 'nav', 'ExecMainStatus')).toBe('72');
  await expect
    .poll(() => said(robot, 'nav'))
    .toEqual(['run_stack: rovi-gateway.service is inactive, and no stack runs without it']);
  await systemctl('start', 'rovi-gateway');
  expect((await systemctl('start', 'rovi-nav')).code).toBe(0);
});

test('a start does not depend on the bus', async () => {
  await robot.shell('systemctl stop dbus.socket dbus.service; mv /run/dbus /run/dbus-away');
  try {
    expect((await systemctl('start', 'rovi-nav')).code).toBe(0);
    expect(await property(robot, 'nav', 'ActiveState')).toBe('active');
  } finally {
    await robot.shell('mv /run/dbus-away /run/dbus; systemctl start dbus.socket dbus.service');
  }
});

const runner = '/opt/rovi-src/run_stack.sh';
test.each<[string, { prepare?: string; script: string; env?: Record<string, string> }, number, RegExp]>([
  ['no stack', { script: runner }, 64, /usage/],
  ['two stacks', { script: `${runner} nav teleop` }, 64, /usage/],
  ['an option', { script: `${runner} --help` }, 64, /usage/],
  ['an unknown stack', { script: `${runner} dance` }, 64, /unknown stack "dance".*known: camera nav teleop/],
  ['a path', { script: `${runner} ../../etc/passwd` }, 64, /is not a stack's name/],
  ['a dot', { script: `${runner} .` }, 64, /is not a stack's name/],
  ['an injected line', { script: `${runner} $'nav\\nx'` }, 64, /"nav\?x" is not a stack's name/],
  [
    'no environment file',
    { prepare: `rm ${ENV_FILE}`, script: `${runner} nav` },
    78,
    /environment file \/home\/rovi\/ws\/\.env\.robot is missing/,
  ],
  ['none named', { script: `${runner} nav`, env: { ROVI_ENV_FILE: '' } }, 78, /ROVI_ENV_FILE is not set/],
  [
    'a malformed line',
    { prepare: `printf 'A=1\\noops\\n' > ${ENV_FILE}`, script: `${runner} nav` },
    78,
    /line 2: expected NAME=value/,
  ],
  [
    'no workspace in it',
    { prepare: `echo A=1 > ${ENV_FILE}`, script: `${runner} nav` },
    78,
    /does not set ROVI_ROS_WS_DIR/,
  ],
  [
    'bad arguments',
    {
      script: `mkdir -p /tmp/s; echo rovi_bringup > /tmp/s/nav.args; ${runner} nav`,
      env: { ROVI_STACKS_DIR: '/tmp/s' },
    },
    78,
    /must name a package and a launch file/,
  ],
  [
    'a bad lock wait',
    { script: `${runner} nav`, env: { ROVI_LOCK_WAIT: 'a[$(touch /tmp/pwned)]' } },
    78,
    /ROVI_LOCK_WAIT/,
  ],
  [
    'another ROS',
    { prepare: `echo ROS_DISTRO=humble >> ${ENV_FILE}`, script: `${runner} nav` },
    69,
    /ROS humble is not installed/,
  ],
  [
    'no workspace build',
    { prepare: `rm ${WORKSPACE}/install/setup.bash`, script: `${runner} nav` },
    69,
    /is not built/,
  ],
  [
    'no ros2',
    { script: `mkdir -p /tmp/none; ${runner} nav`, env: { ROVI_ROS_ROOT: '/tmp/none' } },
    69,
    /ros2 was not found/,
  ],
  [
    'no lock folder',
    { script: `${runner} nav`, env: { ROVI_RUNTIME_DIR: '/run/nowhere' } },
    73,
    /lock file \/run\/nowhere\/stack\.lock cannot be opened/,
  ],
  [
    'a FIFO for a lock',
    {
      script: `mkdir -p /tmp/fifo; mkfifo /tmp/fifo/stack.lock; exec timeout 60 ${runner} nav`,
      env: { ROVI_RUNTIME_DIR: '/tmp/fifo' },
    },
    73,
    /lock file \/tmp\/fifo\/stack\.lock is not a regular file/,
  ],
  [
    'a link for a lock',
    {
      script: `mkdir -p /tmp/link; ln -sf ${LOCK} /tmp/link/stack.lock; ${runner} nav`,
      env: { ROVI_RUNTIME_DIR: '/tmp/link' },
    },
    73,
    /lock file \/tmp\/link\/stack\.lock is not a regular file/,
  ],
  [
    'a session folder in the way',
    { script: `mkdir -p ~/.ros; touch ~/.ros/rovi; ${runner} nav` },
    74,
    /cannot be written/,
  ],
])('%s: its exit code and one line', async (_title, { prepare, script, env }, code, line) => {
  if (prepare !== undefined) await robot.shell(prepare);
  const result = await byHand(script, env);
  expect(result.stderr).toMatch(/^run_stack: [^\n]+\n$/);
  expect(result.stderr).toMatch(line);
  expect(result.code).toBe(code);
  expect(await exists(SESSION)).toBe(false);
  expect(await exists('/tmp/pwned')).toBe(false);
  expect(await lockIsFree()).toBe(true);
});

test('a full disk: 74, the lock is released, nothing half-written stays', async () => {
  await robot.shell(
    `install -d -o rovi -g rovi /home/rovi/.ros && mount -t tmpfs -o size=16k,uid=$(id -u rovi),mode=0700 tmpfs /home/rovi/.ros
     install -d -o rovi /home/rovi/.ros/rovi/session; echo old/old.launch.py > ${SESSION}; dd if=/dev/zero of=/home/rovi/.ros/fill bs=4k || true`,
  );
  try {
    const result = await byHand(`${runner} nav`);
    expect(result.stderr).toMatch(/^run_stack: session file .* cannot be written\n$/);
    expect(result.code).toBe(74);
    expect((await robot.shell('ls -A /home/rovi/.ros/rovi/session')).stdout.trim()).toMatch(/^(\.lock)?$/);
    expect(await lockIsFree()).toBe(true);
  } finally {
    await robot.shell('umount /home/rovi/.ros');
  }
});

test('the gateway runner: environment, launch as main process, readiness socket kept', async () => {
  const gateway = '/opt/rovi-src/run_gateway.sh';
  expect((await byHand(gateway)).stderr).toMatch(/^run_gateway: usage/);
  expect((await byHand(`${gateway} rovi_bringup ../x.py`)).code).toBe(64);
  expect((await byHand(`${gateway} rovi_bringup x.py 'oops'`)).code).toBe(64);
  expect(await byHand(`${gateway} rovi_bringup x.py`, { ROVI_ENV_FILE: '/nowhere' })).toMatchObject({
    code: 78,
    stderr: 'run_gateway: environment file /nowhere is missing\n',
  });
  const launch = byHand(`echo $$; exec ${gateway} rovi_bringup gateway.launch.py a:=b`, {
    NOTIFY_SOCKET: '/run/x',
  });
  await robot.waitFor('the launch', async () =>
    (await robot.readFile('/run/launch.log')).includes('gateway.launch.py'),
  );
  const pid = (await robot.exec(['pgrep', '-x', 'ros2'])).stdout.trim();
  expect(await robot.readFile(`/proc/${pid}/environ`)).toContain('NOTIFY_SOCKET=/run/x');
  expect(await robot.readFile('/run/launch.log')).toBe(
    '/dev/null launch --noninteractive rovi_bringup gateway.launch.py a:=b\n',
  );
  await robot.exec(['kill', '-INT', pid]);
  expect((await launch).stdout.trim()).toBe(pid);
});
