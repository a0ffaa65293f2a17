import { setStack } from '@rovi/testbed';
import { afterEach, expect, test } from 'vitest';
import { InstalledRobot, SESSION } from '../installed-robot.js';
import { fiveStacks, NODES } from '../exclusivity/five-stacks.js';

const installed = new InstalledRobot('escalation', {
  catalog: fiveStacks({ lockWait: 2, stop: 20, stops: { camera: 2 } }),
});
const [a, b] = NODES.nav;

afterEach(async () => {
  await installed.api.stopAll();
});

/** Nothing of the stack is left, in systemd, in the kernel, and as shown. */
async function assertGone(stack: string): Promise<void> {
  expect(await installed.property(`rovi-${stack}`, 'MainPID')).toBe('0');
  expect(
    (await installed.robot.exec(['pgrep', '-u', 'rovi', '-x', `${stack}_[ab]|ros2`], { check: false }))
      .stdout,
  ).toBe('');
  expect(await installed.lockIsFree()).toBe(true);
  expect(await installed.exists(SESSION)).toBe(false);
  expect(await installed.api.state()).toMatchObject({ active: null, known: true, operation: null });
}

test('nodes that ignore SIGINT, and SIGTERM: launch ends them after 5 and 10 s, and all along the stack is STOPPING', async () => {
  await setStack(installed.robot, 'nav', {
    nodes: [
      { name: a, ignoresSigint: true },
      { name: b, ignoresSigint: true, ignoresSigterm: true },
    ],
  });
  await installed.api.start('nav');
  const stopping = installed.api.stop('nav');
  const both = await installed.waitForStack(
    'nav',
    'ending',
    ({ verdict }) => verdict.text === 'stopping, 3 processes left',
  );
  expect(both).toMatchObject({
    state: 'STOPPING',
    verdict: { level: 'warn' },
    unit: { sub_state: 'stop-sigterm' },
  });
  expect((await installed.api.state()).active).toBe('nav');
  expect((await installed.api.state()).operation).toMatchObject({
    kind: 'stop',
    outcome: 'running',
    message: 'stop rovi-nav.service',
    steps: [{ text: 'stop rovi-nav.service', duration_ms: null }],
  });
  // SIGTERM took the first.
  const second = await installed.waitForStack(
    'nav',
    'without a',
    ({ verdict }) => verdict.text === 'stopping, 2 processes left',
  );
  expect(second).toMatchObject({
    state: 'STOPPING',
    expected: [
      { name: a, present: false },
      { name: b, present: true },
    ],
  });
  const operation = await stopping;
  expect(operation).toMatchObject({
    outcome: 'succeeded',
    changed: true,
    message: 'nav stopped',
    warnings: [],
    steps: [{ text: 'stop rovi-nav.service' }, { text: 'prove rovi-nav.service gone' }],
  });
  expect(operation.duration_ms).toBeGreaterThan(9_500);
  expect(operation.duration_ms).toBeLessThan(15_000);
  expect(await installed.property('rovi-nav', 'Result')).toBe('success');
  expect((await installed.api.stack('nav')).stack).toMatchObject({
    state: 'STOPPED',
    crashes: 0,
    failure: null,
  });
  const log = async () =>
    (await installed.api.logs('nav', { lines: 100 })).map(({ message }) => message).join('\n');
  // The journal may be behind.
  await expect
    .poll(log)
    .toMatch(
      /nav_a-1\]: process\[nav_a-1\] failed to terminate '[\d.]+' seconds after receiving 'SIGINT', escalating to 'SIGTERM'/,
    );
  await expect
    .poll(log)
    .toMatch(
      /nav_b-2\]: process\[nav_b-2\] failed to terminate '[\d.]+' seconds after receiving 'SIGTERM', escalating to 'SIGKILL'/,
    );
  await assertGone('nav');
});

test('a launch that takes longer than its time limit: systemd ends all of it, and the operation says so', async () => {
  await setStack(installed.robot, 'camera', {
    nodes: [{ name: NODES.camera[0], ignoresSigint: true }, { name: NODES.camera[1] }],
  });
  await installed.api.start('camera');
  const operation = await installed.api.stop('camera');
  expect(operation).toMatchObject({
    outcome: 'succeeded',
    message: 'camera stopped',
    warnings: ['camera did not end within 2 s and was killed'],
  });
  expect(operation.duration_ms).toBeGreaterThan(1_900);
  expect(await installed.property('rovi-camera', 'Result')).toBe('timeout');
  const { stack } = await installed.api.stack('camera');
  expect(stack).toMatchObject({ state: 'FAILED', failure: { result: 'timeout' }, processes: [] });
  expect(stack.verdict.text).toMatch(/^failed: systemd's time limit ran out/);
  await assertGone('camera');
  expect(await installed.api.start('camera')).toMatchObject({ outcome: 'succeeded' });
});

test('a node that outlives its launch, with or without the lock, is gone when the stop has ended', async () => {
  for (const dropsLock of [false, true]) {
    await setStack(installed.robot, 'nav', {
      nodes: [{ name: a, outlivesLaunch: true, dropsLock }, { name: b }],
    });
    await installed.api.start('nav');
    expect(await installed.api.stop('nav'), String(dropsLock)).toMatchObject({
      outcome: 'succeeded',
      warnings: [],
    });
    await assertGone('nav');
  }
});

test('nodes stopped in their tracks end all the same', async () => {
  await setStack(installed.robot, 'nav', { nodes: [{ name: a }, { name: b }] });
  await installed.api.start('nav');
  await installed.robot.shell(`pkill -STOP -x '${a}|${b}'`);
  // launch's signals wait for SIGCONT until the one that does not: SIGKILL after 10 s. An impatient operator stops by force.
  const stopping = installed.api.stop('nav');
  await installed.waitForStack('nav', 'ending', ({ state }) => state === 'STOPPING');
  await installed.systemctl(['kill', '--signal=SIGKILL', 'rovi-nav']);
  expect(await stopping).toMatchObject({ outcome: 'succeeded' });
  await assertGone('nav');
});

installed.expectNoWarningsBut(
  /^rovi-camera\.service\[4\] systemd: rovi-camera\.service: (State 'stop-sigterm' timed out\. Killing\.|Killing process \d+ .* with signal SIGKILL\.|Main process exited, code=killed, status=9\/KILL|Failed with result 'timeout'\.)$/,
  /^rovi-nav\.service\[4\] systemd: rovi-nav\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
);
