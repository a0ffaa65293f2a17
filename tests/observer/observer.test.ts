import { setStack } from '@rovi/testbed';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { InstalledRobot, OPERATOR, shippedCatalog } from '../installed-robot.js';
import { Listener } from './listener.js';

const NODES = ['controller_server', 'planner_server', 'bt_navigator'];
const NAV = 'rovi-nav.service';
const installed = new InstalledRobot('observer', {
  catalog: shippedCatalog((catalog) => {
    for (const stack of Object.values(catalog.stacks)) stack.timeouts = { start: 10, stop: 12 };
    if (catalog.stacks['nav'] !== undefined) catalog.stacks['nav'].processes = NODES;
  }),
});
let listener: Listener;

beforeAll(async () => {
  listener = await Listener.on(installed.api);
});
beforeEach(async () => {
  await setStack(installed.robot, 'nav', { nodes: NODES.map((name) => ({ name })) });
  listener.forget();
});
afterEach(async () => {
  await installed.api.stopAll();
});
afterAll(async () => {
  await listener.end();
});

const whole = ({ verdict }: { verdict: { text: string } }) => verdict.text === 'running, 3 of 3 processes';

/** Starts nav past the conductor, heard until it is whole. */
async function navRuns(): Promise<void> {
  await installed.systemctl(['start', NAV], { user: OPERATOR });
  await listener.stack('nav', 'whole', whole);
}

test('an operator starts and stops with systemctl: every state is heard, in order, and no operation is made up', async () => {
  await navRuns();
  await installed.systemctl(['stop', NAV], { user: OPERATOR });
  const stopped = await listener.stack('nav', 'stopped', ({ state }) => state === 'STOPPED');
  expect(stopped).toMatchObject({
    verdict: { level: 'ok', text: 'stopped' },
    processes: [],
    failure: null,
    crashes: 0,
  });
  // What it was before is in the first snapshot.
  expect(listener.statesOf('nav').filter((state, index) => index > 0 || state !== 'STOPPED')).toEqual([
    'STARTING',
    'RUNNING',
    'STOPPING',
    'STOPPED',
  ]);
  expect(listener.heard.filter(({ type }) => type === 'operation')).toEqual([]);
});

test('processes that come one by one are counted as they come', async () => {
  await setStack(installed.robot, 'nav', {
    nodes: NODES.map((name, index) => ({ name, startDelayMs: 4_000 * index })),
  });
  await navRuns();
  const texts = listener.heard.flatMap((event) =>
    event.type === 'stack' && event.stack.state === 'RUNNING' ? [event.stack.verdict.text] : [],
  );
  for (const text of [
    'running, 1 of 3 processes, planner_server, bt_navigator missing',
    'running, 2 of 3 processes, bt_navigator missing',
    'running, 3 of 3 processes',
  ]) {
    expect(texts).toContain(text);
  }
});

test('a node dies: the stack runs on, and what is missing is named', async () => {
  const delays: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    if (round > 0) await installed.api.stop('nav');
    listener.forget();
    await navRuns();
    listener.forget();
    const { stdout } = await installed.robot.shell('date +%s%3N; pkill -KILL -x planner_server');
    const event = await listener.until(
      'the loss',
      (each) =>
        each.type === 'stack' &&
        each.stack.verdict.text === 'running, 2 of 3 processes, planner_server missing',
    );
    delays.push(Date.parse(event.at) - Number(stdout.trim()));
  }
  // The best of three: what a busy machine adds is not Rovi's. docs/performance.md has the figure.
  expect(Math.min(...delays)).toBeLessThan(1_000);
  const { stack } = await installed.api.stack('nav');
  expect(stack).toMatchObject({ state: 'RUNNING', verdict: { level: 'warn' }, failure: null, crashes: 0 });
  expect(stack.expected).toMatchObject([
    { name: 'controller_server', present: true },
    { name: 'planner_server', present: false, pid: null },
    { name: 'bt_navigator', present: true },
  ]);
  expect(stack.processes.map(({ comm }) => comm).sort()).toEqual(['bt_navigator', 'controller_serv', 'ros2']);
  const status = await installed.rovictl(['status'], { user: OPERATOR });
  expect(status.stdout).toContain('running, 2 of 3 processes, planner_server missing');
});

test('the launch is killed: FAILED, by which signal, counted as a crash, and the robot is free', async () => {
  const delays: number[] = [];
  let crashes = 0;
  for (let round = 0; round < 3; round += 1) {
    listener.forget();
    await navRuns();
    ({ crashes } = (await installed.api.stack('nav')).stack);
    listener.forget();
    const { stdout } = await installed.robot.shell(
      `date +%s%3N; systemctl kill --signal=SIGKILL --kill-whom=main ${NAV}`,
    );
    const event = await listener.until(
      'the crash',
      (each) => each.type === 'stack' && each.stack.state === 'FAILED',
    );
    delays.push(Date.parse(event.at) - Number(stdout.trim()));
    // A start is only sent to a unit that systemd knows to be dead.
    await installed.waitForUnit(NAV, 'failed');
  }
  expect(Math.min(...delays)).toBeLessThan(2_000);
  const failed = await listener.stack(
    'nav',
    'failed and empty',
    ({ state, processes }) => state === 'FAILED' && processes.length === 0,
  );
  expect(failed).toMatchObject({
    verdict: { level: 'error', text: 'failed: killed by SIGKILL' },
    failure: { result: 'signal', exit_status: null, signal: 'SIGKILL', text: 'killed by SIGKILL' },
    crashes: crashes + 1,
  });
  expect(await installed.api.state()).toMatchObject({ active: null, known: true });
  expect(await installed.api.start('camera')).toMatchObject({ outcome: 'succeeded' });
});

test('the launch fails: exit code, and the last lines of that very run', async () => {
  await setStack(installed.robot, 'nav', { nodes: [], launchExit: { afterMs: 0, code: 9 } });
  await installed.systemctl(['start', NAV]);
  await listener.stack('nav', 'failed by 9', ({ failure }) => failure?.exit_status === 9);
  listener.forget();
  await setStack(installed.robot, 'nav', {
    nodes: NODES.map((name) => ({ name })),
    launchExit: { afterMs: 500, code: 3 },
  });
  await installed.systemctl(['start', NAV]);
  const failed = await listener.stack('nav', 'failed by 3', ({ failure }) => failure?.exit_status === 3);
  expect(failed.failure).toMatchObject({ result: 'exit-code', signal: null, text: 'exit code 3' });
  expect(failed.verdict.text).toMatch(/^(failed|ended by itself): exit code 3/);
  const entries = await installed.robot.waitFor('the journal', async () => {
    const lines = await installed.api.logs('nav', { invocation: failed.unit.invocation_id ?? '', lines: 50 });
    const text = lines.map(({ message }) => message).join('\n');
    // systemd's line and the launch's own come to the journal by different ways.
    return text.includes('status=3') && text.includes('Caught exception') ? lines : null;
  });
  expect(entries.map(({ message }) => message).join('\n')).toContain('Caught exception in launch');
  expect(entries.map(({ message }) => message).join('\n')).not.toContain('status=9');
  const status = await installed.rovictl(['status'], { user: OPERATOR });
  expect(status.stdout).toContain('exit code 3');
});

test('twenty quick turns by systemctl: the last thing heard is the truth, and no event is missing', async () => {
  for (let turn = 0; turn < 20; turn += 1) {
    await installed.systemctl([turn % 2 === 0 ? 'start' : 'stop', '--no-block', NAV]);
    if (turn % 5 === 4) await installed.systemctl(['restart', NAV]);
  }
  await installed.systemctl(['stop', NAV]);
  const { seq } = await installed.robot.waitFor('rest', async () => {
    const state = await installed.api.state();
    return state.active === null && state.known && state.stacks.every((stack) => stack.unit.job === null)
      ? state
      : null;
  });
  await listener.until('the last event', (event) => event.seq === seq);
  const seqs = listener.heard.map((event) => event.seq);
  expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
  // A stop that meets the launch in its first milliseconds can leave an exit code that systemd calls a failure.
  const failed = (await installed.property(NAV, 'ActiveState')) === 'failed';
  // Rest between two of the turns, seen late, is not the last thing.
  await expect
    .poll(() => listener.heard.findLast((event) => event.type === 'stack' && event.stack.name === 'nav'))
    .toMatchObject({ stack: { state: failed ? 'FAILED' : 'STOPPED' } });
  await installed.systemctl(['reset-failed', NAV]);
});

test('a unit file that is removed, masked and brought back shows as such after each daemon-reload', async () => {
  const { robot } = installed;
  await robot.shell(`mv /etc/systemd/system/${NAV} /root/; systemctl daemon-reload`);
  await listener.stack('nav', 'not installed', ({ verdict }) => verdict.text === 'not installed');
  await robot.shell(`systemctl mask ${NAV}; systemctl daemon-reload`);
  const masked = await listener.stack('nav', 'masked', ({ verdict }) => verdict.text === 'unit is masked');
  expect(masked).toMatchObject({
    state: 'STOPPED',
    verdict: { level: 'error' },
    unit: { load_state: 'masked' },
  });
  listener.forget();
  await robot.shell(`systemctl unmask ${NAV}; mv /root/${NAV} /etc/systemd/system/; systemctl daemon-reload`);
  await listener.stack('nav', 'installed', ({ verdict }) => verdict.text === 'stopped');
  await navRuns();
});

test('a unit file that is removed under a running stack: it is still seen, and still stopped', async () => {
  const { robot } = installed;
  await navRuns();
  const run = await installed.run(NAV);
  listener.forget();
  await robot.shell(`mv /etc/systemd/system/${NAV} /root/; systemctl daemon-reload`);
  const lost = await listener.stack('nav', 'without its file', ({ unit }) => unit.load_state !== 'loaded');
  expect(lost).toMatchObject({ state: 'RUNNING', unit: { load_state: 'not-found' } });
  expect(await installed.api.state()).toMatchObject({ active: 'nav', known: true });
  expect(await installed.run(NAV)).toEqual(run);
  expect(await installed.api.stop('nav')).toMatchObject({ outcome: 'succeeded' });
  expect(await installed.property(NAV, 'ActiveState')).toBe('inactive');
  expect((await robot.exec(['pgrep', '-x', 'bt_navigator'], { check: false })).code).toBe(1);
  await robot.shell(`mv /root/${NAV} /etc/systemd/system/; systemctl daemon-reload`);
  await listener.stack('nav', 'installed again', ({ verdict }) => verdict.text === 'stopped');
});

test('CPU and memory of what runs are known, and grow with what it does', async () => {
  await setStack(installed.robot, 'nav', {
    nodes: [
      ...NODES.slice(0, 2).map((name) => ({ name })),
      { name: 'bt_navigator' },
      { name: 'busy', command: ['/usr/bin/sha256sum', '/dev/zero'] },
    ],
  });
  await navRuns();
  const before = (await installed.api.stack('nav')).resources;
  expect(before.source).not.toBe('none');
  expect(before.memory_bytes).toBeGreaterThan(1_000_000);
  await installed.robot.waitFor('CPU time to be used', async () => {
    const { resources } = await installed.api.stack('nav');
    return (resources.cpu_seconds ?? 0) > (before.cpu_seconds ?? Infinity) + 0.1;
  });
  const { stdout } = await installed.rovictl(['status'], { user: OPERATOR });
  expect(stdout).toMatch(/CPU [\d.]+ .*used/);
  expect(stdout).toMatch(/memory [\d.]+ [kMG]/);
  await installed.api.stopAll();
  expect((await installed.api.stack('nav')).resources).toEqual({
    cpu_seconds: null,
    memory_bytes: null,
    source: 'none',
  });
});

installed.expectNoWarningsBut(
  /^rovi-nav\.service\[4\] systemd: rovi-nav\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result '(signal|exit-code|timeout)'\.)$/,
  // The quick turns: a SIGINT in the first milliseconds of Python can be lost (docs/real-ros.md), and systemd's limit ends it.
  /^rovi-nav\.service\[4\] systemd: rovi-nav\.service: State 'stop-sigterm' timed out\. Killing\.$/,
  /^rovi-nav\.service\[3\] systemd: Failed to start rovi-nav\.service/,
  /^rovi-nav\.service\[4\] systemd: rovi-nav\.service: Current command vanished from the unit file, execution of the command list won't be resumed\.$/,
);
