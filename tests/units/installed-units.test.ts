import { afterEach, expect, test } from 'vitest';
import { InstalledRobot, OPERATOR, SESSION } from '../installed-robot.js';

const installed = new InstalledRobot('units');
const NAV = 'rovi-nav.service';
const DROP_IN = `/etc/systemd/system/${NAV}.d/ethercat.conf`;

afterEach(async () => {
  await installed.robot.shell(
    `umount -q /home; rm -rf ${DROP_IN.replace(/\/[^/]*$/, '')}; systemctl daemon-reload; systemctl reset-failed 'rovi-*'`,
    { check: false },
  );
  await installed.systemctl(['start', 'rovi-gateway']);
  await installed.robot.waitFor('the gateway', async () => (await installed.api.state()).known);
  await installed.api.stopAll();
});

test('a stack with a capability that its drop-in gives is seen whole', async () => {
  await installed.robot.writeFile(
    DROP_IN,
    '[Service]\nAmbientCapabilities=CAP_NET_RAW\nCapabilityBoundingSet=CAP_NET_RAW\nRestrictAddressFamilies=AF_PACKET\n',
  );
  await installed.systemctl(['daemon-reload']);
  expect(await installed.api.start('nav')).toMatchObject({ outcome: 'succeeded' });
  await installed.waitForStack('nav', 'whole', ({ verdict }) => verdict.text === 'running, 4 of 4 processes');
  expect(await installed.api.stop('nav')).toMatchObject({ outcome: 'succeeded' });
});

test('a clean stop is no failure where the session file cannot be removed; the runner says so', async () => {
  const { robot } = installed;
  await installed.api.start('nav');
  await robot.shell('set -e; mount --bind /home /home; mount -o remount,ro,bind /home');
  expect(await installed.api.stop('nav')).toMatchObject({ outcome: 'succeeded' });
  expect(await installed.property(NAV, 'Result')).toBe('success');
  expect(await installed.property(NAV, 'ActiveState')).toBe('inactive');
  // By unit: journald cannot always tell the run of a process that has ended already.
  const said = async () => (await robot.journal(['-o', 'cat', '-u', NAV])).split('\n');
  await expect
    .poll(async () => (await said()).filter((line) => line.startsWith('run_stack: ')))
    .toEqual([`run_stack: session folder ${SESSION.replace(/\/[^/]*$/, '')} cannot be written`]);
  // What stays behind is cleared with the next start, of a stack or of the gateway.
  expect(await installed.exists(SESSION)).toBe(true);
  await robot.shell('umount /home');
  await installed.systemctl(['restart', 'rovi-gateway']);
  expect(await installed.exists(SESSION)).toBe(false);
});

test('a gateway that comes back leaves the session of a running stack alone', async () => {
  await installed.api.start('nav');
  await installed.systemctl(['kill', '--signal=SIGKILL', 'rovi-gateway']);
  await installed.waitForUnit('rovi-gateway.service', 'failed');
  await installed.systemctl(['start', 'rovi-gateway']);
  expect(await installed.property(NAV, 'ActiveState')).toBe('active');
  expect(await installed.robot.readFile(SESSION)).toBe('rovi_bringup/nav.launch.py\n');
});

test('the session folder is no lever on files of root, neither at boot nor as a link', async () => {
  const { robot } = installed;
  await robot.shell(
    'mkdir -p /etc/victim; echo keep | tee /etc/victim/current_launch /etc/victim/current_launch.owner',
  );
  await robot.shell(
    'rm -rf ~/.ros/rovi/session; mkdir -p ~/.ros/rovi; ln -s /etc/victim ~/.ros/rovi/session',
    {
      user: 'rovi',
    },
  );
  await robot.exec(['systemd-tmpfiles', '--create', '--remove', '--boot', '/etc/tmpfiles.d/rovi.conf']);
  expect(await installed.systemctl(['restart', 'rovi-gateway'])).toMatchObject({ code: 0 });
  expect((await robot.shell('ls /etc/victim')).stdout).toBe('current_launch\ncurrent_launch.owner\n');
  await robot.shell('rm ~/.ros/rovi/session', { user: 'rovi' });
});

test('an operator who tells systemd to ignore dependencies gets no stack without the gateway', async () => {
  await installed.systemctl(['stop', 'rovi-gateway']);
  const begin = () =>
    installed.systemctl(['start', '--job-mode=ignore-dependencies', NAV], { user: OPERATOR });
  let start = await begin();
  // systemd has two seconds to say that the gateway is down, and what it does not say in time counts for nothing: three times.
  for (let again = 0; again < 2 && start.code === 0; again += 1) {
    await installed.systemctl(['stop', NAV]);
    start = await begin();
  }
  expect(start.code).not.toBe(0);
  expect(await installed.property(NAV, 'ExecMainStatus')).toBe('72');
  expect(await installed.runnerSaid(NAV)).toEqual([
    'run_stack: rovi-gateway.service is inactive, and no stack runs without it',
  ]);
  expect(await installed.lockIsFree()).toBe(true);
  expect(await installed.exists(SESSION)).toBe(false);
});
