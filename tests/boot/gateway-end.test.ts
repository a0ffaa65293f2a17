import { expect, test } from 'vitest';
import { failureOf, InstalledRobot, OPERATOR, SESSION, shippedCatalog } from '../installed-robot.js';

const installed = new InstalledRobot('gateway-end', { catalog: shippedCatalog() });
const GATEWAY = 'rovi-gateway.service';

test('an admin stops the gateway: the running stack is stopped with it', async () => {
  await installed.api.start('nav');
  expect(await installed.exists(SESSION)).toBe(true);
  expect((await installed.systemctl(['stop', GATEWAY])).code).toBe(0);
  await installed.waitForUnit('rovi-nav', 'inactive');
  expect(await installed.property('rovi-nav', 'Result')).toBe('success');
  expect(await installed.property(GATEWAY, 'ActiveState')).toBe('inactive');
  expect(await installed.property(GATEWAY, 'Result')).toBe('success');
  expect(await installed.exists(SESSION)).toBe(false);
  expect(await installed.lockIsFree()).toBe(true);
  expect(await failureOf(installed.api.state())).toMatchObject({ code: 'gateway-unreachable' });
});

test('with the gateway down a stack fails hard, whoever starts it, and brings no gateway up', async () => {
  expect(await installed.property(GATEWAY, 'ActiveState')).toBe('inactive');
  for (const user of ['root', 'rovi', OPERATOR]) {
    const { code, stderr } = await installed.systemctl(['start', 'rovi-nav'], { user });
    expect(stderr, user).toMatch(/dependency job for rovi-nav\.service failed/);
    expect(code, user).toBe(1);
    expect(await installed.property('rovi-nav', 'ActiveState'), user).toBe('inactive');
    expect(await installed.property(GATEWAY, 'ActiveState'), user).toBe('inactive');
  }
  const viaRovictl = await installed.rovictl(['stack', 'start', 'nav'], { user: OPERATOR });
  expect(viaRovictl.code).toBe(5);
  expect(viaRovictl.stderr).toContain('[gateway-unreachable]');
  expect((await installed.systemctl(['start', GATEWAY])).code).toBe(0);
});

test('kill -9 of the conductor: the stack lives on, and a stop still gets through', async () => {
  await installed.api.start('nav');
  const before = await installed.run('rovi-nav');
  const processes = (await installed.api.stack('nav')).stack.processes;
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', GATEWAY]);
  await installed.waitForUnit(GATEWAY, 'failed');
  expect(await installed.property(GATEWAY, 'Result')).toBe('signal');
  expect(await installed.run('rovi-nav')).toEqual(before);
  expect(await installed.property('rovi-nav', 'ActiveState')).toBe('active');
  for (const { pid } of processes) expect(await installed.exists(`/proc/${pid}`)).toBe(true);
  expect(await installed.lockIsFree()).toBe(false);

  const status = await installed.rovictl(['status'], { user: OPERATOR });
  expect(status.stdout + status.stderr).toContain('nav');
  expect(status.stdout + status.stderr).toMatch(/systemd/);
  const refused = await installed.systemctl(['start', 'rovi-camera'], { user: OPERATOR });
  expect(refused.stderr).toMatch(/dependency job for rovi-camera\.service failed/);

  const stopped = await installed.rovictl(['stack', 'stop', 'nav'], { user: OPERATOR });
  expect(stopped).toMatchObject({ code: 0 });
  expect(await installed.property('rovi-nav', 'ActiveState')).toBe('inactive');
  expect(await installed.exists(SESSION)).toBe(false);
  expect((await installed.systemctl(['start', GATEWAY])).code).toBe(0);
});

test('the gateway comes back after a kill: it finds the running stack and touches nothing', async () => {
  await installed.api.start('nav');
  const before = await installed.run('rovi-nav');
  const bootId = (await installed.api.state()).boot_id;
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', GATEWAY]);
  await installed.waitForUnit(GATEWAY, 'failed');
  expect((await installed.systemctl(['start', GATEWAY])).code).toBe(0);
  const nav = await installed.waitForStack('nav', 'seen complete', ({ verdict }) => verdict.level === 'ok');
  expect(nav).toMatchObject({
    state: 'RUNNING',
    unit: { invocation_id: before['InvocationID'], main_pid: Number(before['MainPID']) },
    verdict: { text: 'running, 4 of 4 processes' },
    crashes: 0,
  });
  const state = await installed.api.state();
  expect(state).toMatchObject({ active: 'nav', known: true });
  expect(state.boot_id).not.toBe(bootId);
  expect(await installed.run('rovi-nav')).toEqual(before);
  expect(await failureOf(installed.api.start('camera'))).toMatchObject({ code: 'stack-busy' });
  expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded', changed: false });
  expect(await installed.run('rovi-nav')).toEqual(before);
});

// docs/states.md: PartOf= carries a restart on to what runs, and only to that.
test('an admin restarts the gateway: systemd restarts the running stack with it, and no other', async () => {
  const before = await installed.run('rovi-nav');
  expect((await installed.systemctl(['restart', GATEWAY])).code).toBe(0);
  await installed.robot.waitFor('nav in a new run', async () => {
    const now = await installed.run('rovi-nav');
    return now['MainPID'] !== '0' && now['InvocationID'] !== before['InvocationID'];
  });
  expect(await installed.waitForUnit('rovi-nav', 'active')).toBe('active');
  const nav = await installed.waitForStack('nav', 'complete', ({ verdict }) => verdict.level === 'ok');
  expect(nav.unit.invocation_id).toBe(await installed.property('rovi-nav', 'InvocationID'));
  for (const name of ['teleop', 'mapping', 'localization', 'camera']) {
    expect(await installed.property(`rovi-${name}`, 'ActiveState'), name).toBe('inactive');
  }
  expect(await installed.api.stop('nav')).toMatchObject({ outcome: 'succeeded' });
});

test('a conductor that hangs is ended by its watchdog; the stack lives on', async () => {
  await installed.robot.writeFile(
    `/etc/systemd/system/${GATEWAY}.d/story.conf`,
    '[Service]\nWatchdogSec=12s\n',
  );
  await installed.systemctl(['daemon-reload']);
  expect((await installed.systemctl(['restart', GATEWAY])).code).toBe(0);
  await installed.api.start('teleop');
  const before = await installed.run('rovi-teleop');
  // It does speak up in time when it is well.
  const gateway = await installed.run(GATEWAY);
  const fed = await installed.property(GATEWAY, 'WatchdogTimestampMonotonic');
  await installed.robot.waitFor('three signs of life', async () => {
    const now = Number(await installed.property(GATEWAY, 'WatchdogTimestampMonotonic'));
    return now - Number(fed) > 13_000_000;
  });
  expect(await installed.run(GATEWAY)).toEqual(gateway);

  await installed.systemctl(['kill', '--signal=SIGSTOP', '--kill-whom=main', GATEWAY]);
  await installed.waitForUnit(GATEWAY, 'failed');
  expect(await installed.property(GATEWAY, 'Result')).toBe('watchdog');
  expect(await installed.run('rovi-teleop')).toEqual(before);
  expect((await installed.systemctl(['start', GATEWAY])).code).toBe(0);
  const teleop = await installed.waitForStack('teleop', 'complete', ({ verdict }) => verdict.level === 'ok');
  expect(teleop.unit.invocation_id).toBe(before['InvocationID']);
  await installed.api.stop('teleop');
});

test('a second gateway does not start beside the first', async () => {
  const second = await installed.robot.exec(
    ['/usr/local/lib/rovi/rovi-gateway', '--catalog', '/etc/rovi/rovi.yaml'],
    {
      user: 'rovi',
      check: false,
    },
  );
  expect(second.stderr).toContain('conductor-running');
  expect(second.code).toBe(1);
  expect((await installed.api.health()).pid).toBe(Number(await installed.property(GATEWAY, 'MainPID')));
});

installed.expectNoWarningsBut(
  /^rovi-(nav|camera)\.service\[4\] systemd: Dependency failed for rovi-(nav|camera)\.service/,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: Main process exited, code=killed, status=9\/KILL$/,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: Main process exited, code=(killed|dumped), status=6\/ABRT$/,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: Failed with result '(signal|watchdog)'\.$/,
  /^rovi-gateway\.service\[[34]\] systemd: rovi-gateway\.service: Watchdog timeout/,
);
