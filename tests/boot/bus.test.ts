import { expect, test } from 'vitest';
import { failureOf, InstalledRobot, OPERATOR, shippedCatalog } from '../installed-robot.js';

const installed = new InstalledRobot('bus', { catalog: shippedCatalog() });

/** The conductor hears of what others do: the proof that its subscription is alive. */
async function assertHearsOfOthers(): Promise<void> {
  await installed.systemctl(['stop', 'rovi-nav']);
  await installed.waitForStack('nav', 'seen stopped', ({ state }) => state === 'STOPPED');
  await installed.systemctl(['start', 'rovi-nav']);
  await installed.waitForStack('nav', 'seen complete', ({ verdict }) => verdict.level === 'ok');
}

test('the bus is killed: all is UNKNOWN with its age, nothing is touched, and it comes back by itself', async () => {
  await installed.api.start('nav');
  const nav = await installed.run('rovi-nav');
  const gateway = await installed.run('rovi-gateway');
  // Without its socket nobody brings the bus back before we have looked.
  await installed.systemctl(['stop', 'dbus.socket']);
  await installed.systemctl(['kill', '--signal=SIGKILL', 'dbus.service']);
  const lost = await installed.robot.waitFor('the loss to be seen', async () => {
    const snapshot = await installed.api.state();
    return snapshot.bus.connected ? null : snapshot;
  });
  expect(lost.known).toBe(false);
  expect(lost.active).toBeNull();
  expect(lost.bus.error).toBeTruthy();
  for (const stack of lost.stacks) {
    expect(stack.state, stack.name).toBe('UNKNOWN');
    expect(stack.verdict.level, stack.name).toBe('stale');
  }
  const shown = lost.stacks.find(({ name }) => name === 'nav');
  expect(shown?.verdict.text).toBe('unknown: no connection to systemd, last seen running');
  // The age stays that of the last sight while time goes on.
  const later = await installed.robot.waitFor('time to pass', async () => {
    const snapshot = await installed.api.state();
    return Date.parse(snapshot.at) - Date.parse(shown?.as_of ?? '') > 200 ? snapshot : null;
  });
  expect(later.stacks.find(({ name }) => name === 'nav')?.as_of).toBe(shown?.as_of);
  expect(await failureOf(installed.api.start('nav'))).toMatchObject({ code: 'bus-unavailable' });
  expect(await failureOf(installed.api.stop('nav'))).toMatchObject({ code: 'bus-unavailable' });
  const viaRovictl = await installed.rovictl(['stack', 'start', 'camera'], { user: OPERATOR });
  expect(viaRovictl.code).toBe(5);
  expect(await installed.run('rovi-nav')).toEqual(nav);

  await installed.systemctl(['start', 'dbus.socket', 'dbus.service']);
  const back = await installed.waitForStack('nav', 'known again', ({ verdict }) => verdict.level === 'ok');
  expect(back.unit.invocation_id).toBe(nav['InvocationID']);
  expect(back.crashes).toBe(0);
  expect(await installed.run('rovi-nav')).toEqual(nav);
  expect(await installed.run('rovi-gateway')).toEqual(gateway);
  await assertHearsOfOthers();
  await installed.robot.waitFor(
    'a command to pass polkit again',
    async () => (await installed.api.restart('nav')).changed,
  );
});

test('a bus that is back at once: the conductor follows', async () => {
  const nav = await installed.run('rovi-nav');
  const since = (await installed.api.state()).bus.since;
  await installed.systemctl(['kill', '--signal=SIGKILL', 'dbus.service']);
  await installed.robot.waitFor('a new connection', async () => {
    const { bus, known } = await installed.api.state();
    return known && bus.connected && bus.since !== since;
  });
  expect(await installed.run('rovi-nav')).toEqual(nav);
  await assertHearsOfOthers();
});

test.each(['daemon-reload', 'daemon-reexec'])(
  '%s: nothing is touched, and the conductor goes on hearing',
  async (verb) => {
    const nav = await installed.run('rovi-nav');
    const gateway = await installed.run('rovi-gateway');
    const bootId = (await installed.api.state()).boot_id;
    expect((await installed.systemctl([verb])).code).toBe(0);
    // A systemd that executes itself anew listens a moment later.
    await installed.robot.waitFor('systemd to answer', () => installed.property('rovi-nav', 'ActiveState'));
    await installed.waitForStack('nav', 'complete', ({ verdict }) => verdict.level === 'ok');
    expect(await installed.run('rovi-nav')).toEqual(nav);
    expect(await installed.run('rovi-gateway')).toEqual(gateway);
    expect((await installed.api.state()).boot_id).toBe(bootId);
    expect((await installed.api.stack('nav')).stack.crashes).toBe(0);
    await assertHearsOfOthers();
    expect(await installed.api.stop('nav')).toMatchObject({ outcome: 'succeeded', changed: true });
    expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded', changed: true });
  },
);

test('a unit that is removed and reloaded away is "not installed", and comes back with its file', async () => {
  const { robot } = installed;
  await robot.shell('mv /etc/systemd/system/rovi-camera.service /root/ && systemctl daemon-reload');
  await installed.waitForStack('camera', 'not installed', ({ verdict }) => verdict.text === 'not installed');
  await installed.api.stop('nav');
  expect(await failureOf(installed.api.start('camera'))).toMatchObject({ code: 'unit-missing' });
  await robot.shell('mv /root/rovi-camera.service /etc/systemd/system/ && systemctl daemon-reload');
  await installed.waitForStack('camera', 'installed', ({ verdict }) => verdict.text === 'stopped');
  expect(await installed.api.start('camera')).toMatchObject({ outcome: 'succeeded' });
});

// CLOCK_REALTIME has no namespace: setting it in a robot sets the host's.
test.skip('a jump of the clock (robots share the clock of their host)', () => undefined);

installed.expectNoWarningsBut(
  /^rovi-gateway\.service\[4\] rovi-gateway: .*"msg":"(?:lost the bus|bus lost|.*connection.*)/i,
);
