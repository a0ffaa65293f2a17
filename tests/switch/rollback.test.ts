import { type Problem, type RoviError } from '@rovi/contract';
import { setStack, type StackBehaviour } from '@rovi/testbed';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { failureOf, InstalledRobot, OPERATOR, SESSION } from '../installed-robot.js';
import { fiveStacks, NODES, type Stack } from '../exclusivity/five-stacks.js';
import { ExclusivityWatcher } from '../exclusivity/watcher.js';

const installed = new InstalledRobot('rollback', {
  catalog: fiveStacks({ lockWait: 2, stop: 12 }),
});
const NAV = 'rovi-nav.service';
const CAMERA = 'rovi-camera.service';
let watcher: ExclusivityWatcher;

const well = (stack: Stack): StackBehaviour => ({ nodes: NODES[stack].map((name) => ({ name })) });

beforeAll(async () => {
  watcher = await ExclusivityWatcher.start(installed.robot, NODES);
});
afterEach(async () => {
  await installed.api.stopAll();
  for (const stack of ['nav', 'camera'] as const) await setStack(installed.robot, stack, well(stack));
});
afterAll(async () => {
  await watcher.end();
});

/** nav runs, a switch to such a camera fails and goes back: the failure, and what must hold of every such failure. */
async function rolledBackFrom(camera: StackBehaviour): Promise<RoviError> {
  await setStack(installed.robot, 'camera', camera);
  await installed.api.start('nav');
  const before = await installed.run(NAV);
  const failure = await failureOf(installed.api.switchTo('camera'));
  expect(failure).toMatchObject({
    code: 'switch-rolled-back',
    context: {
      from: 'nav',
      to: 'camera',
      operation: { outcome: 'failed', changed: true, from: 'nav', stack: 'camera' },
    },
  });
  expect(failure.message).toMatch(/; went back to nav, which is running again$/);
  const state = await installed.api.state();
  expect(state).toMatchObject({ active: 'nav', known: true, operation: null });
  expect(state.stacks.find(({ name }) => name === 'nav')).toMatchObject({
    state: 'RUNNING',
    verdict: { level: 'ok', text: 'running, 2 of 2 processes' },
  });
  expect((await installed.run(NAV))['InvocationID']).not.toBe(before['InvocationID']);
  expect(await installed.property(CAMERA, 'ActiveState')).not.toBe('active');
  expect(await installed.robot.readFile(SESSION)).toBe('rovi_bringup/nav.launch.py\n');
  return failure;
}

const causeOf = (failure: RoviError) => failure.context['cause'] as Problem;
const linesOf = (problem: Problem) =>
  (problem.context['lines'] as { message: string }[]).map(({ message }) => message).join('\n');

test('the new stack’s launch fails: exit code and last journal lines of that run, and the old one runs again', async () => {
  const failure = await rolledBackFrom({ nodes: [], launchExit: { afterMs: 0, code: 3 } });
  const cause = causeOf(failure);
  expect(cause).toMatchObject({
    code: 'start-failed',
    context: { stack: 'camera', exit: { exit_status: 3 } },
  });
  expect(cause.context['invocation_id']).toBe(await installed.property(CAMERA, 'InvocationID'));
  expect(linesOf(cause)).toContain('Caught exception in launch');
  expect(failure.message).toContain('exit code 3');
  const viaRovictl = await installed.rovictl(['stack', 'switch', 'camera'], { user: OPERATOR });
  expect(viaRovictl.code).toBe(1);
  expect(viaRovictl.stderr).toContain('[switch-rolled-back]');
  expect(viaRovictl.stderr).toContain('Caught exception in launch');
});

test('the new stack crashes while it is waited for', async () => {
  const failure = await rolledBackFrom({
    nodes: [
      { name: NODES.camera[0], exitAfterMs: 200, exitCode: 7, required: true },
      { name: NODES.camera[1], startDelayMs: 60_000 },
    ],
  });
  expect(causeOf(failure).code).toBe('start-failed');
  expect(linesOf(causeOf(failure))).toContain('process has died');
  expect(linesOf(causeOf(failure))).toContain('exit code 7');
});

test('the new stack lacks a process: it is stopped again, and the missing one is named', async () => {
  const failure = await rolledBackFrom({ nodes: [{ name: NODES.camera[0] }] });
  expect(causeOf(failure)).toMatchObject({ code: 'processes-missing', context: { missing: ['camera_b'] } });
  expect(failure.message).toContain('camera_b');
  expect(await installed.property(CAMERA, 'ActiveState')).toBe('inactive');
});

test('the new stack’s environment file is gone', async () => {
  await installed.robot.shell(`mkdir -p /etc/systemd/system/${CAMERA}.d`);
  await installed.robot.writeFile(
    `/etc/systemd/system/${CAMERA}.d/story.conf`,
    '[Service]\nEnvironment=ROVI_ENV_FILE=/nowhere\n',
  );
  await installed.systemctl(['daemon-reload']);
  const failure = await rolledBackFrom(well('camera'));
  expect(causeOf(failure)).toMatchObject({ code: 'start-failed', context: { exit: { exit_status: 78 } } });
  expect(linesOf(causeOf(failure))).toMatch(/run_stack: .*\/nowhere/);
  await installed.robot.shell(`rm -r /etc/systemd/system/${CAMERA}.d; systemctl daemon-reload`);
});

test('the way back fails too: switch-failed with both causes, and nothing runs', async () => {
  await installed.api.start('nav');
  await setStack(installed.robot, 'nav', { nodes: [], launchExit: { afterMs: 0, code: 5 } });
  await setStack(installed.robot, 'camera', { nodes: [], launchExit: { afterMs: 0, code: 4 } });
  const failure = await failureOf(installed.api.switchTo('camera'));
  expect(failure).toMatchObject({
    code: 'switch-failed',
    context: {
      from: 'nav',
      to: 'camera',
      cause: { code: 'start-failed', context: { exit: { exit_status: 4 } } },
      rollback: { code: 'start-failed', context: { exit: { exit_status: 5 } } },
    },
  });
  expect(failure.message).toMatch(/exit code 4.*going back to nav failed.*exit code 5/);
  expect(await installed.api.state()).toMatchObject({ active: null, known: true });
  expect(await installed.lockIsFree()).toBe(true);
  expect(await installed.exists(SESSION)).toBe(false);
});

test.each(['camera', 'nav', 'all'] as const)(
  'a stop (%s) while the new stack comes up: nothing runs, nothing comes back',
  async (what) => {
    const { api } = installed;
    await setStack(installed.robot, 'camera', {
      nodes: [{ name: NODES.camera[0] }, { name: NODES.camera[1], startDelayMs: 60_000 }],
    });
    await api.start('nav');
    const switching = failureOf(api.switchTo('camera'));
    await installed.waitForStack('camera', 'coming up', ({ expected }) => expected[0]?.present === true);
    await (what === 'all' ? api.stopAll() : api.stop(what));
    expect(await switching).toMatchObject({
      code: 'operation-cancelled',
      context: { operation: { outcome: 'cancelled' } },
    });
    expect(await api.state()).toMatchObject({ active: null, known: true, operation: null });
    expect(await installed.lockIsFree()).toBe(true);
    for (const unit of [NAV, CAMERA])
      expect(await installed.property(unit, 'ActiveState'), unit).toBe('inactive');
  },
);

test('a stop while the old stack is still ending: the new one is never begun', async () => {
  const { api } = installed;
  await setStack(installed.robot, 'nav', {
    nodes: [{ name: NODES.nav[0] }, { name: NODES.nav[1], ignoresSigint: true }],
  });
  await api.start('nav');
  const switching = failureOf(api.switchTo('camera'));
  await installed.waitForStack('nav', 'ending', ({ state }) => state === 'STOPPING');
  const run = await installed.property(CAMERA, 'InvocationID');
  await api.stop('camera');
  expect(await switching).toMatchObject({ code: 'operation-cancelled' });
  expect(await installed.property(CAMERA, 'InvocationID')).toBe(run);
  expect(await api.state()).toMatchObject({ active: null, known: true });
});

test('an operator starts a third stack past the conductor in the middle: the robot is left to it', async () => {
  const { api } = installed;
  // For ten seconds nav is ending: in these teleop has to come to wait for the lock, also on a busy machine.
  await setStack(installed.robot, 'nav', {
    nodes: [{ name: NODES.nav[0] }, { name: NODES.nav[1], ignoresSigint: true, ignoresSigterm: true }],
  });
  await installed.robot.writeFile(
    '/etc/systemd/system/rovi-teleop.service.d/story.conf',
    '[Service]\nEnvironment=ROVI_LOCK_WAIT=25\nTimeoutStartSec=40\n',
  );
  await installed.systemctl(['daemon-reload']);
  await api.start('nav');
  const switching = failureOf(api.switchTo('camera'));
  await installed.waitForStack('nav', 'ending', ({ state }) => state === 'STOPPING');
  await installed.systemctl(['start', 'rovi-teleop'], { user: OPERATOR });
  const run = await installed.run('rovi-teleop');
  const failure = await switching;
  expect(failure.code).toBe('lock-lost');
  expect(failure.message).toContain('rovi-teleop.service');
  expect(await installed.run('rovi-teleop')).toEqual(run);
  expect(await api.state()).toMatchObject({ active: 'teleop', known: true });
});

test('a stranger takes the lock in the middle: lock-lost names it, and the old stack is not begun beside it', async () => {
  const { api, robot } = installed;
  await setStack(installed.robot, 'nav', {
    nodes: [{ name: NODES.nav[0] }, { name: NODES.nav[1], ignoresSigint: true }],
  });
  await api.start('nav');
  const switching = failureOf(api.switchTo('camera'));
  await installed.waitForStack('nav', 'ending', ({ state }) => state === 'STOPPING');
  await installed.squat();
  const failure = await switching;
  expect(failure).toMatchObject({ code: 'lock-lost', context: { from: 'nav', to: 'camera' } });
  expect(failure.message).toMatch(/squatter\.service.*; nav is stopped and was not brought back$/);
  expect(await api.state()).toMatchObject({ active: null, known: true });
  await installed.systemctl(['stop', 'squatter']);
  await setStack(robot, 'nav', well('nav'));
  expect(await api.start('nav')).toMatchObject({ outcome: 'succeeded' });
});

test('in all this no two stacks were alive together', () => {
  expect(watcher.overlaps).toEqual([]);
});

installed.expectNoWarningsBut(
  // nav is slow to stop in some of the stories: its launch takes 5 s, which a busy machine may make more than its 12.
  /^rovi-nav\.service\[4\] systemd: rovi-nav\.service: (State 'stop-sigterm' timed out\. Killing\.|Failed with result 'timeout'\.|Main process exited, code=killed, status=9\/KILL)$/,
  /^rovi-(nav|camera)\.service\[3\] systemd: Failed to start rovi-(nav|camera)\.service/,
  /^rovi-(nav|camera)\.service\[4\] systemd: rovi-(nav|camera)\.service: Failed with result 'exit-code'\.$/,
);
