import { expect, test } from 'vitest';
import { failureOf, InstalledRobot, SESSION, shippedCatalog } from '../installed-robot.js';

const FILL = 'dd if=/dev/zero of=/run/rovi/fill bs=4k; true';

const installed = new InstalledRobot('full-run', {
  catalog: shippedCatalog((catalog) => {
    catalog.lock_wait = 1;
  }),
  // /run/rovi on a file system of its own that is quickly full; all of /run would take gigabytes.
  furnish: async ({ robot }) => {
    await robot.shell(`set -e; systemctl stop rovi-gateway
      mount -t tmpfs -o size=16k,mode=2750,uid=$(id -u rovi),gid=$(getent group rovi-ops | cut -d: -f3) tmpfs /run/rovi
      systemd-tmpfiles --create /etc/tmpfiles.d/rovi.conf; systemctl start rovi-gateway`);
  },
});

test('/run/rovi fills up: what runs runs on, stacks start and stop, exclusivity holds', async () => {
  await installed.api.start('nav');
  const before = await installed.run('rovi-nav');
  await installed.robot.shell(FILL);
  expect((await installed.robot.shell('echo x > /run/rovi/more', { check: false })).code).not.toBe(0);
  expect(await installed.run('rovi-nav')).toEqual(before);
  expect((await installed.systemctl(['start', 'rovi-camera'])).code).toBe(1);
  expect(await installed.property('rovi-camera', 'ExecMainStatus')).toBe('75');
  expect(await installed.api.stop('nav')).toMatchObject({ outcome: 'succeeded' });
  expect(await installed.lockIsFree()).toBe(true);
  expect(await installed.api.start('camera')).toMatchObject({ outcome: 'succeeded' });
  expect(await installed.robot.readFile(SESSION)).toBe('rovi_bringup/camera.launch.py\n');
});

test('a gateway that was killed comes back on a full /run/rovi', async () => {
  const camera = await installed.run('rovi-camera');
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', 'rovi-gateway']);
  await installed.waitForUnit('rovi-gateway', 'failed');
  await installed.robot.shell(`rm -f /run/rovi/conductor.sock.owner; ${FILL}`);
  expect(await installed.systemctl(['start', 'rovi-gateway'])).toMatchObject({ code: 0 });
  await installed.waitForStack('camera', 'complete', ({ verdict }) => verdict.level === 'ok');
  expect(await installed.run('rovi-camera')).toEqual(camera);
  expect(await failureOf(installed.api.start('nav'))).toMatchObject({ code: 'stack-busy' });
  expect(await installed.api.stop('camera')).toMatchObject({ outcome: 'succeeded' });
});

test('without the lock file nothing starts: 73, in words that say how to mend it, and the mend mends it', async () => {
  await installed.robot.shell('rm /run/rovi/fill; mv /run/rovi/stack.lock /root/');
  const refused = await failureOf(installed.api.start('nav'));
  expect(['start-failed', 'lock-unavailable']).toContain(refused.code);
  expect(`${refused.message} ${refused.mend}`).toMatch(/lock/);
  expect(await installed.property('rovi-nav', 'ActiveState')).not.toBe('active');
  expect(await installed.exists(SESSION)).toBe(false);
  await installed.robot.exec(['systemd-tmpfiles', '--create', '/etc/tmpfiles.d/rovi.conf']);
  expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded' });
  await installed.api.stop('nav');
});

test('without /run/rovi the gateway fails soon, says what is missing, and starts when it is there again', async () => {
  const { robot } = installed;
  const start = async (): Promise<{ code: number; ms: number }> => {
    const began = performance.now();
    const { code } = await installed.systemctl(['start', 'rovi-gateway']);
    return { code, ms: performance.now() - began };
  };
  // Two more starts within ten seconds: not what the limit is for.
  await robot.shell('systemctl stop rovi-gateway; systemctl reset-failed rovi-gateway; true');
  const well = await start();
  expect(well.code).toBe(0);
  await robot.shell('systemctl stop rovi-gateway; umount -l /run/rovi; mv /run/rovi /run/away');
  let soonest = Infinity;
  for (let round = 0; round < 3 && soonest - well.ms >= 5_000; round += 1) {
    await robot.shell('systemctl reset-failed rovi-gateway; true');
    const failed = await start();
    expect(failed.code).toBe(1);
    soonest = Math.min(soonest, failed.ms);
  }
  // Soon: measured by what a start takes on this machine now, and the best of three.
  expect(soonest - well.ms).toBeLessThan(5_000);
  await robot.exec(['journalctl', '--sync']);
  // By unit: journald cannot always tell the run of a process that has ended already.
  const said = (await robot.exec(['journalctl', '-q', '-o', 'cat', '-u', 'rovi-gateway', '-n', '5'])).stdout;
  expect(said).toMatch(/\/run\/rovi/);
  expect(said).toMatch(/systemd-tmpfiles --create/);
  expect(said).not.toContain('another conductor');
  await robot.exec(['systemd-tmpfiles', '--create', '/etc/tmpfiles.d/rovi.conf']);
  expect(await installed.systemctl(['start', 'rovi-gateway'])).toMatchObject({ code: 0 });
});

installed.expectNoWarningsBut(
  /^rovi-gateway\.service\[3\] (rovi-gateway: rovi-gateway: |systemd: Failed to start rovi-gateway\.service)/,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: Failed with result 'exit-code'\.$/,
  /^rovi-(camera|nav)\.service\[3\] systemd: Failed to start rovi-(camera|nav)\.service/,
  /^rovi-(camera|nav)\.service\[4\] systemd: rovi-(camera|nav)\.service: Failed with result 'exit-code'\.$/,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: Main process exited, code=killed, status=9\/KILL$/,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: Failed with result 'signal'\.$/,
);
