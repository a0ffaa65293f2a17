import { type Problem, type RoviError } from '@rovi/contract';
import { setStack, type StackBehaviour } from '@rovi/testbed';
import { afterEach, expect, test } from 'vitest';
import { fiveStacks, NODES } from '../exclusivity/five-stacks.js';
import { failureOf, InstalledRobot, OPERATOR } from '../installed-robot.js';

// camera has the time to settle of a catalog that says nothing of it. mapping settles for so long that what happens seconds
// after its start is within that, however late a busy machine saw it whole.
const SETTLE = 60;
/** Milliseconds after its start at which a node of mapping ends: whole by then, and far from settled. */
const SOON = 8_000;
const installed = new InstalledRobot('settle', {
  catalog: fiveStacks({
    lockWait: 2,
    stop: 12,
    settles: { camera: null, localization: 15, mapping: SETTLE },
  }),
});
const [MAPPING_A, MAPPING_B] = NODES.mapping;

afterEach(async () => {
  await installed.api.stopAll();
  await setStack(installed.robot, 'mapping', { nodes: NODES.mapping.map((name) => ({ name })) });
});

const linesOf = ({ context }: Pick<Problem, 'context'>) =>
  (context['lines'] as { message: string }[]).map(({ message }) => message).join('\n');

/** nav runs; a switch to such a mapping fails and goes back. Answers with why. */
async function causeOfGoingBackFrom(mapping: StackBehaviour): Promise<Problem> {
  await setStack(installed.robot, 'mapping', mapping);
  await installed.api.start('nav');
  return causeOf(await failureOf(installed.api.switchTo('mapping')));
}

/** Why a switch from nav to mapping went back. */
async function causeOf(failure: RoviError | null): Promise<Problem> {
  expect(failure).toMatchObject({ code: 'switch-rolled-back', context: { from: 'nav', to: 'mapping' } });
  expect(await installed.api.state()).toMatchObject({ active: 'nav', known: true, operation: null });
  expect(await installed.property('rovi-mapping', 'ActiveState')).not.toBe('active');
  return failure?.context['cause'] as Problem;
}

/** Begins a start or switch to a stack that settles for long, and waits until it is watched. */
async function watched(
  stack: 'localization' | 'mapping',
  from?: 'nav',
): Promise<{ ended: Promise<RoviError | null> }> {
  const { api, robot } = installed;
  if (from !== undefined) await api.start(from);
  const ended = (from === undefined ? api.start(stack) : api.switchTo(stack)).then(
    () => null,
    (error: unknown) => error as RoviError,
  );
  await robot.waitFor(`${stack} to be watched`, async () =>
    (await api.state()).operation?.message.startsWith(`watch ${stack}`),
  );
  return { ended };
}

test('a start is done when the stack has stayed whole for a second', async () => {
  const operation = await installed.api.start('camera');
  expect(operation).toMatchObject({ outcome: 'succeeded', message: 'camera running, 2 of 2 processes' });
  const last = operation.steps.at(-1);
  expect(last?.text).toBe('watch camera for 1 s');
  expect(last?.duration_ms).toBeGreaterThanOrEqual(990);
});

test('a stack that dies soon after it was whole: the switch goes back, and says of what it died', async () => {
  const cause = await causeOfGoingBackFrom({
    nodes: [{ name: MAPPING_A }, { name: MAPPING_B, exitAfterMs: SOON, exitCode: 7, required: true }],
  });
  expect(cause.code).toBe('start-failed');
  expect(cause.message).toMatch(/^mapping came up, but ended within 60 s: /);
  expect(linesOf(cause)).toContain('process has died');
  expect(linesOf(cause)).toContain('exit code 7');
});

test('a launch that ends in good order so soon has not started a stack either', async () => {
  const { ended } = await watched('mapping', 'nav');
  // Each ends with 0, and the launch with the last of them: at one time, however much later the second had begun.
  await installed.robot.shell(`pkill -TERM -x '${MAPPING_A}|${MAPPING_B}'`);
  expect(await causeOf(await ended)).toMatchObject({
    code: 'start-failed',
    message: 'mapping came up, but ended within 60 s: exit code 0',
  });
});

test('a process that ends so soon while the launch lives on: named, and the switch goes back', async () => {
  const cause = await causeOfGoingBackFrom({
    nodes: [{ name: MAPPING_A }, { name: MAPPING_B, exitAfterMs: SOON, exitCode: 7 }],
  });
  expect(cause).toMatchObject({
    code: 'processes-missing',
    message: `mapping came up, but ${MAPPING_B} ended within 60 s`,
    context: { missing: [MAPPING_B] },
  });
  expect(linesOf(cause)).toContain('exit code 7');
});

test('the operator of a plain start reads the same, and the robot is free', async () => {
  await setStack(installed.robot, 'mapping', {
    nodes: NODES.mapping.map((name) => ({ name })),
    launchExit: { afterMs: SOON, code: 3 },
  });
  const { code, stderr } = await installed.rovictl(['stack', 'start', 'mapping'], { user: OPERATOR });
  expect(code).toBe(1);
  expect(stderr).toMatch(/^· watch mapping for 60 s [\d.]+ (m?s)$/m);
  expect(stderr).toContain('mapping came up, but ended within 60 s: exit code 3 [start-failed]');
  expect(stderr).toContain('Caught exception in launch');
  expect(await installed.api.state()).toMatchObject({ active: null, known: true });
  expect(await installed.lockIsFree()).toBe(true);
});

test.each(['mapping', 'all'] as const)('a stop (%s) does not wait for a stack to settle', async (what) => {
  const { ended } = await watched('mapping', 'nav');
  const began = performance.now();
  await (what === 'all' ? installed.api.stopAll() : installed.api.stop(what));
  expect(performance.now() - began).toBeLessThan(20_000);
  expect(await ended).toMatchObject({ code: 'operation-cancelled' });
  expect(await installed.api.state()).toMatchObject({ active: null, known: true, operation: null });
});

test('somebody stops the new stack past Rovi while it settles: theirs is the last word', async () => {
  const { ended } = await watched('mapping', 'nav');
  await installed.systemctl(['stop', 'rovi-mapping'], { user: OPERATOR });
  const failure = await ended;
  expect(failure).toMatchObject({ code: 'start-cancelled', context: { from: 'nav', to: 'mapping' } });
  expect(failure?.message).toMatch(/nav is stopped and was not brought back$/);
  expect(await installed.api.state()).toMatchObject({ active: null, known: true });
});

test('a bus that is killed and comes back meanwhile does not end it', async () => {
  const { ended } = await watched('localization');
  const { since } = (await installed.api.state()).bus;
  await installed.systemctl(['kill', '--signal=SIGKILL', 'dbus.service']);
  expect(await ended).toBeNull();
  const state = await installed.api.state();
  expect(state).toMatchObject({ active: 'localization', known: true });
  expect(state.bus.since).not.toBe(since);
});

installed.expectNoWarningsBut(
  /^rovi-mapping\.service\[4\] systemd: rovi-mapping\.service: Failed with result 'exit-code'\.$/,
  /^rovi-gateway\.service\[4\] rovi-gateway: .*"msg":"connection to systemd lost"/,
);
