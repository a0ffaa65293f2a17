/** With the ROS backend a launch is the gateway's main process, and the conductor one of its processes. */
import { setStack } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { failureOf, InstalledRobot, SESSION, shippedCatalog } from '../installed-robot.js';

const GATEWAY = 'rovi-gateway.service';
const installed = new InstalledRobot('gateway-launch', {
  catalog: shippedCatalog((catalog) => {
    catalog.gateway = {
      run: { package: 'rovi_bringup', file: 'gateway.launch.py', arguments: { robot_mode: 'real' } },
      watchdog: 10,
    };
  }),
  prepare: (robot) =>
    setStack(robot, 'gateway', {
      nodes: [
        { name: 'robot_state_publisher' },
        {
          name: 'rovi-gateway',
          command: ['/usr/local/lib/rovi/rovi-gateway', '--catalog', '/etc/rovi/rovi.yaml'],
          required: true,
        },
      ],
    }),
});

/** The conductor's own PID: a child of the launch. */
const conductorPid = async () => (await installed.api.health()).pid;

/** It is killed with its unit, and then a busy machine has to give it its last turn. */
const assertEnds = (pid: number) =>
  installed.robot.waitFor(`the end of ${pid}`, async () => !(await installed.exists(`/proc/${pid}`)));

test('the launch is the main process, the conductor its child: up, ready and unprivileged', async () => {
  expect(await installed.property(GATEWAY, 'ActiveState')).toBe('active');
  const main = await installed.property(GATEWAY, 'MainPID');
  const argv = (await installed.robot.readFile(`/proc/${main}/cmdline`)).split('\0');
  expect(argv.slice(argv.indexOf('launch'))).toEqual([
    'launch',
    '--noninteractive',
    'rovi_bringup',
    'gateway.launch.py',
    'robot_mode:=real',
    '',
  ]);
  const pid = await conductorPid();
  expect(pid).not.toBe(Number(main));
  const status = await installed.robot.readFile(`/proc/${pid}/status`);
  expect(status).toMatch(new RegExp(`^PPid:\\t${main}$`, 'm'));
  expect(status).toMatch(/^CapBnd:\t0+$/m);
  expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  expect(await installed.exists(SESSION)).toBe(false);
  expect(await installed.lockIsFree()).toBe(true);
});

test('it starts, refuses and stops stacks as the bare conductor does', async () => {
  expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded' });
  expect(await failureOf(installed.api.start('camera'))).toMatchObject({ code: 'stack-busy' });
  expect(await installed.api.switchTo('camera')).toMatchObject({ outcome: 'succeeded' });
  expect(await installed.api.stop('camera')).toMatchObject({ outcome: 'succeeded' });
});

test('the conductor is killed: the launch ends with it, the stack lives on, and is found again', async () => {
  await installed.api.start('nav');
  const before = await installed.run('rovi-nav');
  await installed.robot.exec(['kill', '-9', String(await conductorPid())]);
  await installed.waitForUnit(GATEWAY, 'inactive', 'failed');
  expect(await installed.run('rovi-nav')).toEqual(before);
  expect(await installed.property('rovi-nav', 'ActiveState')).toBe('active');
  expect(await installed.systemctl(['start', GATEWAY])).toMatchObject({ code: 0 });
  const nav = await installed.waitForStack('nav', 'complete', ({ verdict }) => verdict.level === 'ok');
  expect(nav.unit.invocation_id).toBe(before['InvocationID']);
  expect(await installed.run('rovi-nav')).toEqual(before);
});

test('the launch is killed: systemd ends the conductor too, the stack lives on', async () => {
  const before = await installed.run('rovi-nav');
  const pid = await conductorPid();
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', GATEWAY]);
  await installed.waitForUnit(GATEWAY, 'failed');
  await assertEnds(pid);
  expect(await installed.run('rovi-nav')).toEqual(before);
  expect(await installed.systemctl(['start', GATEWAY])).toMatchObject({ code: 0 });
  await installed.waitForStack('nav', 'complete', ({ verdict }) => verdict.level === 'ok');
});

test('the watchdog is fed from within the launch, and ends a conductor that hangs', async () => {
  const before = await installed.run('rovi-nav');
  const gateway = await installed.run(GATEWAY);
  const pid = await conductorPid();
  const fed = Number(await installed.property(GATEWAY, 'WatchdogTimestampMonotonic'));
  await installed.robot.waitFor('signs of life beyond the time limit', async () => {
    return Number(await installed.property(GATEWAY, 'WatchdogTimestampMonotonic')) - fed > 10_000_000;
  });
  expect(await installed.run(GATEWAY)).toEqual(gateway);
  await installed.robot.exec(['kill', '-STOP', String(pid)]);
  await installed.waitForUnit(GATEWAY, 'failed');
  expect(await installed.property(GATEWAY, 'Result')).toBe('watchdog');
  await assertEnds(pid);
  expect(await installed.run('rovi-nav')).toEqual(before);
  expect(await installed.systemctl(['start', GATEWAY])).toMatchObject({ code: 0 });
});

test('an admin stops the gateway: launch and conductor end in order, the stack with them', async () => {
  await installed.waitForStack('nav', 'complete', ({ verdict }) => verdict.level === 'ok');
  expect(await installed.systemctl(['stop', GATEWAY])).toMatchObject({ code: 0 });
  expect(await installed.property(GATEWAY, 'Result')).toBe('success');
  await installed.waitForUnit('rovi-nav', 'inactive');
  expect(await installed.exists(SESSION)).toBe(false);
  expect(await installed.lockIsFree()).toBe(true);
});

installed.expectNoWarningsBut(
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: Main process exited, code=(killed|dumped), status=(9\/KILL|6\/ABRT)$/,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: Failed with result '(signal|watchdog)'\.$/,
  /^rovi-gateway\.service\[[34]\] systemd: rovi-gateway\.service: Watchdog timeout/,
);
