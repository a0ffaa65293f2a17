/** The native layer may abort, hang or be killed: gateway and stacks go on, and the face comes back. */
import { installRclnodejs } from '@rovi/testbed';
import { expect, test } from 'vitest';
import { shippedCatalog } from '../installed-robot.js';
import { GATEWAY, RobotInRos } from './robot-in-ros.js';

const installed = new RobotInRos('ros-process-end', {
  catalog: shippedCatalog((text) => Object.assign(text, { tickets: { drive_stacks: ['nav'] } })),
});

/** What must not have been touched: gateway and running stack. */
async function untouched() {
  const state = await installed.api.state();
  return {
    gateway: await installed.run(GATEWAY),
    nav: await installed.run('rovi-nav'),
    boot_id: state.boot_id,
    active: state.active,
  };
}

test('kill -9: it fails by name and comes back; gateway and stack know nothing of it', async () => {
  await installed.on();
  await installed.api.start('nav');
  const before = await untouched();
  const since = await installed.api.state();
  const pid = await installed.signalRos('KILL');
  const failing = await installed.faceSince(since, 'failing', ({ state }) => state === 'failing');
  expect(failing).toMatchObject({
    text: 'its process was ended by SIGKILL; it is started again in 1 s',
    mend: expect.stringContaining('rovictl logs gateway') as string,
    pid: null,
  });
  // By its PID: another one may have come by now.
  await installed.graph.waitFor(
    'the node to leave',
    () => !installed.graph.nodes.some((node) => node.pid === pid),
  );
  // Meanwhile everything else works.
  expect(await installed.api.switchTo('camera')).toMatchObject({ outcome: 'succeeded' });
  expect(await installed.api.switchTo('nav')).toMatchObject({ outcome: 'succeeded' });
  const on = await installed.on();
  expect(on.restarts).toBe(1);
  expect(on.pid).not.toBe(pid);
  await installed.latched('/rovi/units/nav/state', 'active');
  await installed.latched('/rovi/units/camera/state', 'inactive');
  const after = await untouched();
  expect(after).toMatchObject({ gateway: before.gateway, boot_id: before.boot_id, active: 'nav' });
  // Every change of the face is an event, for whoever watches.
  const states: string[] = [];
  for await (const event of installed.api.events({ since: since.seq, boot: before.boot_id })) {
    if (event.type === 'face') states.push(event.face.state);
    if (states.at(-1) === 'on') break;
  }
  expect(states).toEqual(['failing', 'starting', 'on']);
  const status = await installed.rovictl(['status']);
  expect(status.stdout.replace(/\s+/g, ' ')).toMatch(/ROS ● on since .*restarted 1 ×/);
});

test('a process that hangs is ended after 5 s, and another one takes its place', async () => {
  const before = await untouched();
  const { restarts } = await installed.face();
  const since = await installed.api.state();
  const begin = performance.now();
  const pid = await installed.signalRos('STOP');
  const failing = await installed.faceSince(since, 'failing', ({ state }) => state === 'failing');
  expect(failing.text).toBe('its process answered nothing for 5 s; it is started again in 2 s');
  expect(performance.now() - begin).toBeGreaterThan(3_500);
  expect(performance.now() - begin).toBeLessThan(15_000);
  await installed.gone(pid);
  expect((await installed.on()).restarts).toBe(restarts + 1);
  expect(await untouched()).toEqual(before);
});

test('native code that aborts as it is loaded: again and again, ever later; doctor finds it; it is mended', async () => {
  const before = await untouched();
  await installRclnodejs(installed.robot, { atImport: 'abort' });
  const since = await installed.api.state();
  await installed.rovictl(['ros', 'restart']);
  const failing = await installed.faceSince(
    since,
    'failing',
    ({ state, text }) => state === 'failing' && text.includes('in 2 s'),
  );
  expect(failing.text).toContain('its process was ended by SIGABRT');
  const doctor = await installed.rovictl(['doctor', '--json']);
  const { checks } = JSON.parse(doctor.stdout) as { checks: { name: string; finding: string }[] };
  // It may just be on its way again.
  expect(['fault', 'unknown']).toContain(checks.find(({ name }) => name === 'ROS face')?.finding);
  expect((await installed.rovictl(['status'])).code).toBe(0);
  await installRclnodejs(installed.robot);
  expect((await installed.rovictl(['ros', 'restart'])).code).toBe(0);
  await installed.on();
  expect(await untouched()).toEqual(before);
});

test('what it prints is in the gateway’s journal', async () => {
  await installRclnodejs(installed.robot, { atImport: 'throw' });
  await installed.rovictl(['ros', 'restart']);
  await installRclnodejs(installed.robot);
  expect((await installed.rovictl(['ros', 'restart'])).code).toBe(0);
  await installed.on();
  await expect
    .poll(() => installed.robot.journal(['-u', GATEWAY]))
    .toContain('Error: told to by the testbed');
});

test('kill -9 of the conductor: its ROS process goes with it, the stack lives on', async () => {
  const nav = await installed.run('rovi-nav');
  const { pid } = await installed.face();
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', GATEWAY]);
  await installed.graph.waitFor('the node to leave', () => installed.graph.nodes.length === 0);
  await installed.waitForUnit(GATEWAY, 'failed');
  await installed.gone(pid ?? 0);
  expect(await installed.run('rovi-nav')).toEqual(nav);
  expect((await installed.systemctl(['start', GATEWAY])).code).toBe(0);
  expect(await installed.on()).toMatchObject({ restarts: 0 });
  await installed.latched('/rovi/units/nav/state', 'active');
  expect(await installed.run('rovi-nav')).toEqual(nav);
});

test('kill -9 of the conductor while it moves the base: all its zeros go out before its ROS process ends', async () => {
  const { graph } = installed;
  const { pid } = await installed.on();
  const speeds = () =>
    graph.published('/cmd_vel').map(({ message }) => (message as { linear: { x: number } }).linear.x);
  const moves = () => speeds().filter((speed) => speed !== 0).length;
  /** Whether the base moves; on a machine that stands still for 300 ms a drive is lost, as it should be. */
  const driven = async (): Promise<boolean> => {
    const before = moves();
    const { id } = await installed.api.tickets.create({
      command: 'drive',
      params: { speed: 0.5, duration_seconds: 50 },
    });
    await installed.api.tickets.execute(id, { async: true });
    await installed.robot.waitFor('motion, or its loss', async () => {
      return moves() >= before + 3 || (await installed.api.tickets.read(id)).status === 'failed';
    });
    return moves() >= before + 3;
  };
  for (let tries = 1; !(await driven()); tries += 1) expect(tries).toBeLessThan(5);
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', GATEWAY]);
  await installed.gone(pid ?? 0);
  // What it said last is still on its way through the graph.
  await expect
    .poll(() => speeds().slice(speeds().findLastIndex((speed) => speed !== 0) + 1))
    .toEqual([0, 0, 0, 0, 0, 0]);
  expect(speeds().indexOf(0)).toBeGreaterThan(0);
  await installed.waitForUnit(GATEWAY, 'failed');
  expect((await installed.systemctl(['start', GATEWAY])).code).toBe(0);
  await installed.on();
});

test('kill -9 of the conductor beside a ROS process that hangs: it is killed too', async () => {
  const pid = await installed.signalRos('STOP');
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', GATEWAY]);
  await installed.waitForUnit(GATEWAY, 'failed');
  await installed.gone(pid);
  await expect.poll(() => installed.graph.nodes).toEqual([]);
  expect((await installed.systemctl(['start', GATEWAY])).code).toBe(0);
  await installed.on();
});

test('the gateway stops in time with a ROS process that hangs, and leaves nothing behind', async () => {
  await installed.api.stopAll();
  const took: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const pid = await installed.signalRos('STOP');
    const begin = performance.now();
    expect((await installed.systemctl(['stop', GATEWAY])).code).toBe(0);
    took.push(performance.now() - begin);
    expect(await installed.property(GATEWAY, 'Result')).toBe('success');
    await installed.gone(pid);
    await expect.poll(() => installed.graph.nodes).toEqual([]);
    expect((await installed.systemctl(['start', GATEWAY])).code).toBe(0);
    await installed.on();
  }
  // The best of three: what a busy machine adds is not the gateway's.
  expect(Math.min(...took)).toBeLessThan(5_000);
});

installed.expectNoWarningsBut(
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: Main process exited, code=killed, status=9\/KILL$/,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: Failed with result 'signal'\.$/,
);
