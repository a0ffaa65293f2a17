import { setStack } from '@rovi/testbed';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { failureOf, InstalledRobot, SESSION, shippedCatalog } from '../installed-robot.js';

const installed = new InstalledRobot('session-file', {
  catalog: shippedCatalog((catalog) => {
    catalog.lock_wait = 1;
    for (const stack of Object.values(catalog.stacks)) stack.timeouts = { start: 30, stop: 20 };
    // Of this one a node is deaf, and its time to stop runs out. The others end in good order, also on a busy machine.
    const deaf = catalog.stacks['localization'];
    if (deaf !== undefined) deaf.timeouts.stop = 2;
  }),
});
const NAV = 'rovi-nav.service';
const OWNER = `${SESSION}.owner`;
const navNodes = ['ekf_node', 'controller_server', 'planner_server', 'bt_navigator'].map((name) => ({
  name,
}));

beforeEach(async () => {
  await setStack(installed.robot, 'nav', { nodes: navNodes });
});
afterEach(async () => {
  await installed.api.stopAll();
});

/** The session is the one of this unit's present run. */
async function assertSessionOf(stack: string): Promise<void> {
  const { robot } = installed;
  expect(await robot.readFile(SESSION)).toBe(`rovi_bringup/${stack}.launch.py\n`);
  expect((await robot.readFile(OWNER)).trim()).toBe(
    await installed.property(`rovi-${stack}`, 'InvocationID'),
  );
  const { stdout } = await robot.exec(['stat', '-c', '%U:%G %a', SESSION, OWNER]);
  expect(stdout).toBe('rovi:rovi 644\nrovi:rovi 644\n');
}

/** Nothing of any run is left: no session, no owner, no half-written file, no lock. */
async function assertNoSession(): Promise<void> {
  const { stdout } = await installed.robot.shell(`ls -A ${SESSION.replace(/\/[^/]*$/, '')} 2>/dev/null`, {
    check: false,
  });
  expect(stdout.trim()).toMatch(/^(\.lock)?$/);
  expect(await installed.lockIsFree()).toBe(true);
}

test('start writes it, stop and restart keep it true', async () => {
  await assertNoSession();
  await installed.api.start('nav');
  await assertSessionOf('nav');
  await installed.api.restart('nav');
  await assertSessionOf('nav');
  await installed.api.switchTo('camera');
  await assertSessionOf('camera');
  await installed.systemctl(['stop', 'rovi-camera']);
  await assertNoSession();
  expect(await installed.property('rovi-camera', 'Result')).toBe('success');
});

test('a start and a stop in good order are never shown as an error, not for a moment', async () => {
  const over = new AbortController();
  const shown: string[] = [];
  let listening = false;
  const watching = (async () => {
    for await (const event of installed.api.events({ signal: over.signal })) {
      listening = true;
      if (event.type === 'stack') shown.push(`${event.stack.verdict.level}: ${event.stack.verdict.text}`);
    }
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  await installed.robot.waitFor('the first event', () => listening);
  for (let round = 0; round < 6; round += 1) {
    await installed.api.start('nav');
    if (round % 2 === 0) await installed.api.stop('nav');
    else await installed.systemctl(['stop', NAV]);
    await installed.waitForStack('nav', 'stopped', ({ state }) => state === 'STOPPED');
  }
  const whole = () => shown.filter((text) => text === 'ok: running, 4 of 4 processes').length;
  await installed.robot.waitFor('the last event', () => whole() >= 6 && shown.at(-1) === 'ok: stopped');
  over.abort();
  await watching;
  expect(whole()).toBeGreaterThanOrEqual(6);
  expect(shown.filter((text) => text.startsWith('error'))).toEqual([]);
});

test('SIGKILL of the launch: systemd ends its nodes, the session is cleared, the crash is seen', async () => {
  await installed.api.start('nav');
  const { processes, crashes } = (await installed.api.stack('nav')).stack;
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', NAV]);
  const nav = await installed.waitForStack('nav', 'seen failed', ({ state }) => state === 'FAILED');
  expect(nav).toMatchObject({
    crashes: crashes + 1,
    failure: { result: 'signal', signal: 'SIGKILL' },
    verdict: { level: 'error', text: 'failed: killed by SIGKILL' },
  });
  await installed.waitForStack('nav', 'without processes', (stack) => stack.processes.length === 0);
  for (const { pid } of processes)
    await installed.robot.waitFor(`the end of ${pid}`, async () => !(await installed.exists(`/proc/${pid}`)));
  await assertNoSession();
  expect((await installed.api.state()).active).toBeNull();
  expect(await installed.api.start('camera')).toMatchObject({ outcome: 'succeeded' });
});

test('SIGKILL of everything in the cgroup at once', async () => {
  await installed.api.start('nav');
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=all', NAV]);
  await installed.waitForUnit(NAV, 'failed');
  await assertNoSession();
  // A conductor that has not seen it yet would say that nav runs already.
  await installed.waitForStack('nav', 'seen failed', ({ state }) => state === 'FAILED');
  await installed.api.start('nav');
  await assertSessionOf('nav');
});

test('SIGKILL of one node: the stack runs on without it, and so does its session', async () => {
  await installed.api.start('nav');
  const before = await installed.run(NAV);
  const planner = (await installed.api.stack('nav')).stack.expected.find(
    ({ name }) => name === 'planner_server',
  );
  await installed.robot.exec(['kill', '-9', String(planner?.pid)]);
  const nav = await installed.waitForStack(
    'nav',
    'seen without it',
    ({ verdict }) => verdict.level === 'warn',
  );
  expect(nav).toMatchObject({
    state: 'RUNNING',
    verdict: { text: 'running, 3 of 4 processes, planner_server missing' },
  });
  expect(await installed.run(NAV)).toEqual(before);
  await assertSessionOf('nav');
  expect(await installed.lockIsFree()).toBe(false);
});

test('the last node ends, and the launch with it', async () => {
  await setStack(installed.robot, 'nav', {
    nodes: [...navNodes, { name: 'short', required: true }],
  });
  await installed.api.start('nav');
  // It is not among the nodes that a start of nav waits for.
  await installed.robot.waitFor('the short node', () =>
    installed.robot.exec(['pkill', '-TERM', '-x', 'short']),
  );
  await installed.waitForUnit(NAV, 'inactive');
  await installed.waitForStack('nav', 'seen stopped', ({ state }) => state === 'STOPPED');
  await assertNoSession();
});

test('a start that fails after the session was written clears it', async () => {
  await setStack(installed.robot, 'nav', { nodes: [], launchExit: { afterMs: 100, code: 3 } });
  expect(await failureOf(installed.api.start('nav'))).toMatchObject({
    code: 'start-failed',
    context: { exit: { exit_status: 3 } },
  });
  expect(await installed.property(NAV, 'ActiveState')).toBe('failed');
  await assertNoSession();
});

test('a failed start holds nothing any more when it is reported: another stack starts in the same moment', async () => {
  await setStack(installed.robot, 'nav', { nodes: [], launchExit: { afterMs: 0, code: 3 } });
  for (const stack of ['camera', 'teleop', 'mapping']) {
    expect(await failureOf(installed.api.start('nav'))).toMatchObject({ code: 'start-failed' });
    expect(await installed.api.start(stack)).toMatchObject({ outcome: 'succeeded' });
    await installed.api.stop(stack);
  }
});

test('a start that fails before leaves none', async () => {
  await installed.robot.shell('mv /opt/ros/jazzy /opt/ros/away');
  const failure = await failureOf(installed.api.start('nav'));
  await installed.robot.shell('mv /opt/ros/away /opt/ros/jazzy');
  expect(failure).toMatchObject({ code: 'start-failed', context: { exit: { exit_status: 69 } } });
  expect(JSON.stringify(failure.context['lines'])).toContain('run_stack: ');
  await assertNoSession();
  expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded' });
});

test('a node that ignores SIGINT and SIGTERM: killed when the time to stop has run out, and cleared', async () => {
  await setStack(installed.robot, 'localization', {
    nodes: [
      ...['ekf_node', 'map_server', 'amcl'].map((name) => ({ name })),
      { name: 'deaf', ignoresSigint: true, ignoresSigterm: true },
    ],
  });
  await installed.api.start('localization');
  const operation = await installed.api.stop('localization');
  expect(operation).toMatchObject({
    outcome: 'succeeded',
    warnings: ['localization did not end within 2 s and was killed'],
  });
  expect(operation.duration_ms).toBeGreaterThan(1900);
  await assertNoSession();
  expect((await installed.robot.exec(['pgrep', '-x', 'deaf'], { check: false })).code).toBe(1);
});

test('a full disk: the start fails with 74 in one clear line, and holds nothing', async () => {
  const { robot } = installed;
  await robot.shell(
    `set -e; mount -t tmpfs -o size=64k,uid=$(id -u rovi),gid=$(id -g rovi),mode=0755 tmpfs /home/rovi/.ros
     install -d -o rovi -g rovi /home/rovi/.ros/rovi /home/rovi/.ros/rovi/session
     dd if=/dev/zero of=/home/rovi/.ros/fill bs=4k 2>/dev/null || true`,
  );
  try {
    const failure = await failureOf(installed.api.start('nav'));
    expect(failure).toMatchObject({
      code: 'start-failed',
      message: expect.stringContaining('exit code 74: the session file cannot be written') as string,
      context: { exit: { exit_status: 74 } },
    });
    expect(failure.mend).not.toBe('');
    expect(await installed.runnerSaid(NAV)).toEqual([`run_stack: session file ${SESSION} cannot be written`]);
    expect(JSON.stringify(failure.context['lines'])).toContain('session file');
    await assertNoSession();
    expect((await installed.api.state()).active).toBeNull();
  } finally {
    await robot.shell('umount /home/rovi/.ros');
  }
  expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded' });
  await assertSessionOf('nav');
});

installed.expectNoWarningsBut(
  /^rovi-nav\.service\[3\] systemd: Failed to start rovi-nav\.service/,
  /^rovi-(nav|localization)\.service\[4\] systemd: rovi-\w+\.service: Main process exited, code=killed, status=9\/KILL$/,
  /^rovi-nav\.service\[4\] systemd: rovi-nav\.service: Failed with result '(signal|exit-code)'\.$/,
  /^rovi-localization\.service\[4\] systemd: rovi-localization\.service: Failed with result 'timeout'\.$/,
  /^rovi-localization\.service\[4\] systemd: rovi-localization\.service: (State 'stop-sigterm' timed out\. Killing\.|Killing process \d+ \(\S+\) with signal SIGKILL\.)$/,
);
