import { afterAll, beforeAll, expect, test } from 'vitest';
import { InstalledRobot } from '../installed-robot.js';
import { fiveStacks, NODES } from '../exclusivity/five-stacks.js';
import { Listener } from './listener.js';

const installed = new InstalledRobot('lost-bus', { catalog: fiveStacks({ lockWait: 2, stop: 12 }) });
const GATEWAY = 'rovi-gateway.service';
let listener: Listener;

beforeAll(async () => {
  listener = await Listener.on(installed.api);
});
afterAll(async () => {
  await listener.end();
});

test('the bus is lost: each stack is UNKNOWN as of its last sight; what happens meanwhile is seen when it is back', async () => {
  await installed.api.start('nav');
  const { as_of: known } = (await installed.api.stack('nav')).stack;
  listener.forget();
  await installed.systemctl(['stop', 'dbus.socket']);
  await installed.systemctl(['kill', '--signal=SIGKILL', 'dbus.service']);
  const { since, error } = await listener.bus(({ connected }) => !connected);
  expect(error).not.toBe('');
  const unknown = await listener.stack('nav', 'unknown', ({ state }) => state === 'UNKNOWN');
  expect(unknown.verdict).toEqual({
    level: 'stale',
    text: 'unknown: no connection to systemd, last seen running',
  });
  // The age counts from the loss: until then the state was known.
  expect(unknown.as_of).toBe(since);
  expect(Date.parse(unknown.as_of ?? '')).toBeGreaterThanOrEqual(Date.parse(known ?? ''));
  expect(unknown.expected.map(({ present }) => present)).toEqual([null, null]);
  const { stdout } = await installed.rovictl(['status']);
  expect(stdout).toMatch(/UNKNOWN/);
  expect(stdout).toMatch(/last seen running/);

  // Past the bus, by systemd's private socket.
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', 'rovi-nav']);
  await installed.waitForUnit('rovi-nav', 'failed');
  await installed.systemctl(['start', 'rovi-camera']);
  expect((await installed.api.stack('nav')).stack.state).toBe('UNKNOWN');
  listener.forget();
  await installed.systemctl(['start', 'dbus.socket', 'dbus.service']);
  await listener.bus(({ connected }) => connected);
  const nav = await listener.stack('nav', 'seen failed', ({ state }) => state === 'FAILED');
  expect(nav).toMatchObject({ failure: { signal: 'SIGKILL' }, processes: [] });
  await listener.stack('camera', 'seen whole', ({ verdict }) => verdict.text === 'running, 2 of 2 processes');
  expect(await installed.api.state()).toMatchObject({
    active: 'camera',
    known: true,
    bus: { connected: true, error: null },
  });
  expect((await installed.api.stack('camera')).stack.expected.map(({ name }) => name)).toEqual(NODES.camera);
  await installed.robot.waitFor('a command to get through', () => installed.api.stop('camera'));
});

test('the gateway is killed and comes back: the same listener has the whole truth again, of another run', async () => {
  await installed.api.start('nav');
  const { boot_id: before } = await installed.api.state();
  listener.forget();
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', GATEWAY]);
  await installed.waitForUnit(GATEWAY, 'failed');
  await installed.systemctl(['start', GATEWAY]);
  const snapshot = await listener.snapshot(({ boot_id }) => boot_id !== before);
  await listener.until('nav whole', (event) =>
    (event.type === 'snapshot' ? event.snapshot.stacks : event.type === 'stack' ? [event.stack] : []).some(
      ({ name, verdict }) => name === 'nav' && verdict.text === 'running, 2 of 2 processes',
    ),
  );
  expect(snapshot.stacks.map(({ crashes }) => crashes)).toEqual([0, 0, 0, 0, 0]);
  await installed.api.stopAll();
});

installed.expectNoWarningsBut(
  /^rovi-nav\.service\[4\] systemd: rovi-nav\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
  /^rovi-gateway\.service\[4\] rovi-gateway: .*"msg":"connection to systemd lost"/,
);
