/** What ROS asks of a robot: services, whose answers are the real outcome; typed ones where rovi_interfaces is. */
import { snapshotSchema } from '@rovi/contract';
import { setStack } from '@rovi/testbed';
import { afterEach, expect, test } from 'vitest';
import { failureOf, shippedCatalog } from '../installed-robot.js';
import { RobotInRos } from './robot-in-ros.js';

const CAMERA = ['realsense2_camera_node', 'republish'];
const installed = new RobotInRos('ros-services', {
  catalog: shippedCatalog((catalog) => {
    const { camera } = catalog.stacks;
    if (camera === undefined) return;
    camera.processes = CAMERA;
    camera.timeouts = { start: 60, stop: 20 };
  }),
  rclnodejs: { interfaces: true },
});

afterEach(async () => {
  await installed.api.stopAll();
  await setStack(installed.robot, 'camera', { nodes: CAMERA.map((name) => ({ name })) });
});

/** The camera's start waits for a process that never comes. */
const cameraLacksOne = () =>
  setStack(installed.robot, 'camera', { nodes: [{ name: 'realsense2_camera_node' }] });
/** The camera's launch fails at once. */
const cameraFails = () =>
  setStack(installed.robot, 'camera', { nodes: [], launchExit: { afterMs: 0, code: 3 } });

const activeState = (stack: string) => installed.property(`rovi-${stack}.service`, 'ActiveState');
/** What the response says of the stacks. */
const statesOf = (response: Readonly<Record<string, unknown>>) =>
  response['state'] as { active: string; known: boolean; stacks: { name: string; state: string }[] };

test('start, switch and stop answer when it is so', async () => {
  await installed.on();
  const started = await installed.trigger('/rovi/stacks/teleop/start');
  expect(started).toMatchObject({ success: true, message: expect.stringMatching(/^succeeded: /) as string });
  expect(await activeState('teleop')).toBe('active');
  expect((await installed.api.stack('teleop')).stack.verdict.level).toBe('ok');
  expect(await installed.trigger('/rovi/stacks/nav/switch')).toMatchObject({ success: true });
  expect([await activeState('teleop'), await activeState('nav')]).toEqual(['inactive', 'active']);
  expect(await installed.trigger('/rovi/stacks/nav/start')).toMatchObject({ success: true });
  expect(await installed.trigger('/rovi/stacks/nav/stop')).toMatchObject({ success: true });
  expect(await activeState('nav')).toBe('inactive');
  expect(await installed.trigger('/rovi/stacks/nav/stop')).toMatchObject({ success: true });
  await installed.api.start('mapping');
  expect(await installed.trigger('/rovi/stop_all')).toMatchObject({ success: true });
  expect(await activeState('mapping')).toBe('inactive');
  const [last] = await installed.api.operations();
  expect(last).toMatchObject({ kind: 'stop-all', actor: { name: 'ros', face: 'ros', verified: false } });
});

test('a start that fails is no success, and says why', async () => {
  await cameraFails();
  const failed = await installed.trigger('/rovi/stacks/camera/start');
  expect(failed.success).toBe(false);
  expect(failed.message).toMatch(/^start-failed: /);
  expect(await installed.graph.call('/rovi/start_stack', { stack: 'camera', reason: 'try' })).toMatchObject({
    success: false,
    changed: expect.any(Boolean) as boolean,
    code: 'start-failed',
    message: expect.stringMatching(/camera/) as string,
    operation_id: expect.stringMatching(/./) as string,
  });
});

test('a start is refused at once while another stack holds the robot', async () => {
  await installed.api.start('teleop');
  const before = await installed.run('rovi-teleop');
  const refused = await installed.trigger('/rovi/stacks/nav/start');
  expect(refused.success).toBe(false);
  expect(refused.message).toMatch(/^stack-busy: .*teleop/);
  expect(await installed.run('rovi-teleop')).toEqual(before);
  expect(await activeState('nav')).toBe('inactive');
});

test('a stop gets through while a start is on its way, and the start says that it was cancelled', async () => {
  await cameraLacksOne();
  const start = installed.trigger('/rovi/stacks/camera/start');
  await installed.latched('/rovi/units/camera/processes/realsense2_camera_node', true);
  expect((await installed.trigger('/rovi/stacks/nav/start')).message).toMatch(/^operation-in-progress: /);
  const begin = performance.now();
  expect(await installed.trigger('/rovi/stacks/camera/stop')).toMatchObject({ success: true });
  // The start itself would have waited for a minute.
  expect(performance.now() - begin).toBeLessThan(20_000);
  expect(await start).toMatchObject({
    success: false,
    message: expect.stringMatching(/^operation-cancelled: /) as string,
  });
  expect(await activeState('camera')).toBe('inactive');
});

test('state is answered at once, also while a start waits: the whole snapshot', async () => {
  await cameraLacksOne();
  const start = installed.trigger('/rovi/stacks/camera/start');
  await installed.latched('/rovi/units/camera/state', 'active');
  const { success, message } = await installed.trigger('/rovi/get_state');
  expect(success).toBe(true);
  const snapshot = snapshotSchema.parse(JSON.parse(message));
  expect(snapshot).toMatchObject({ active: 'camera', known: true, operation: { kind: 'start' } });
  expect(snapshot.boot_id).toBe((await installed.api.state()).boot_id);
  await installed.trigger('/rovi/stop_all');
  expect(await start).toMatchObject({ success: false });
});

test('ROS and the shell start different stacks at once: one runs, and one is told so', async () => {
  for (let round = 0; round < 2; round += 1) {
    const [ros, cli] = await Promise.all([
      installed.trigger('/rovi/stacks/teleop/start'),
      installed.rovictl(['stack', 'start', 'nav']),
    ]);
    expect([ros.success, cli.code === 0].filter(Boolean)).toHaveLength(1);
    const running = ros.success ? 'teleop' : 'nav';
    if (ros.success) expect(cli.code).toBe(3);
    else expect(ros.message).toMatch(/^(stack-busy|operation-in-progress): /);
    expect(await installed.api.state()).toMatchObject({ active: running });
    await installed.api.stopAll();
  }
});

test('the typed services say the same in fields, and keep the reason', async () => {
  const { graph } = installed;
  const [node] = graph.nodes;
  expect(node?.services.get('/rovi/start_stack')).toBe('rovi_interfaces/srv/StartStack');
  expect(await graph.call('/rovi/start_stack', { stack: 'nav', reason: 'a drive' })).toMatchObject({
    success: true,
    changed: true,
    code: '',
    mend: '',
    warnings: [],
    duration: expect.any(Number) as number,
  });
  expect((await installed.api.operations())[0]).toMatchObject({ reason: 'a drive', actor: { face: 'ros' } });
  expect(await graph.call('/rovi/start_stack', { stack: 'camera', reason: '' })).toMatchObject({
    success: false,
    code: 'stack-busy',
    mend: expect.stringMatching(/switch/) as string,
  });
  expect(await graph.call('/rovi/switch_stack', { stack: 'camera', reason: '' })).toMatchObject({
    success: true,
  });
  expect(statesOf(await graph.call('/rovi/get_stack_states'))).toMatchObject({
    active: 'camera',
    known: true,
  });
  expect(await graph.call('/rovi/stop_stack', { stack: 'camera', reason: '' })).toMatchObject({
    success: true,
    changed: true,
  });
  expect(await graph.call('/rovi/stop_all_stacks', { reason: '' })).toMatchObject({
    success: true,
    changed: false,
  });
  for (const stack of ['', 'nowhere', '../ssh', 'gateway']) {
    const refused = await graph.call('/rovi/stop_stack', { stack, reason: '' });
    expect(refused, stack).toMatchObject({
      success: false,
      code: stack === '' ? 'bad-request' : 'stack-unknown',
    });
  }
});

test('the typed topic has every stack, and follows', async () => {
  const { graph } = installed;
  expect(graph.nodes[0]?.topics.get('/rovi/stack_states')).toEqual({
    type: 'rovi_interfaces/msg/StackStates',
    qos: { reliability: 'reliable', durability: 'transient_local', depth: 1 },
  });
  await installed.api.start('nav');
  await graph.waitFor('the topic to say that nav runs', () => {
    const states = graph.latched('/rovi/stack_states');
    return (
      states?.['active'] === 'nav' &&
      statesOf({ state: states }).stacks.some(({ name, state }) => name === 'nav' && state === 'RUNNING')
    );
  });
  const { boot_id } = await installed.api.state();
  expect(graph.latched('/rovi/stack_states')).toMatchObject({ boot_id, known: true });
});

test('without systemd a command is not begun, and every value is unknown', async () => {
  await installed.api.start('nav');
  await installed.latched('/rovi/units/nav/state', 'active');
  await installed.systemctl(['stop', 'dbus.socket', 'dbus.service']);
  await installed.latched('/rovi/units/nav/state', 'unknown');
  await installed.latched('/rovi/units/gateway/state', 'unknown');
  expect((await installed.trigger('/rovi/stacks/nav/stop')).message).toMatch(/^bus-unavailable: /);
  await installed.systemctl(['start', 'dbus.socket', 'dbus.service']);
  await installed.latched('/rovi/units/nav/state', 'active');
  expect(await failureOf(installed.api.start('teleop'))).toMatchObject({ code: 'stack-busy' });
});

installed.expectNoWarningsBut(
  /^rovi-camera\.service\[4\] systemd: rovi-camera\.service: (Main process exited|Failed with result)/,
  /^rovi-gateway\.service\[4\] .*"connection to systemd lost"/,
);
