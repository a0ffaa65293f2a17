import { setStack } from '@rovi/testbed';
import { afterEach, expect, test } from 'vitest';
import { InstalledRobot, shippedCatalog, STRANGER } from '../installed-robot.js';
import { violations } from './axe.js';
import { activeStack, lastCommand, otherStack, processOf, stopButton, verdict } from './parts.js';
import { everywhere, look, SCHEMES } from './looks.js';
import { Visits } from './visits.js';

const installed = new InstalledRobot('web-looks', {
  catalog: shippedCatalog((catalog) => {
    // Its start is under way for as long as six pages are looked at.
    if (catalog.stacks['localization'] !== undefined)
      catalog.stacks['localization'].timeouts = { start: 300, stop: 20 };
  }),
});
const visits = new Visits(installed);
afterEach(async () => {
  // A story that failed half-way left them away.
  await installed.systemctl(['start', 'dbus.socket', 'dbus.service', 'rovi-gateway.service']);
  await installed.robot.waitFor('the robot at rest', () => installed.api.stopAll());
});

test('at rest, running, a question, a node missing', { timeout: 240_000 }, async () => {
  const looks = await everywhere(visits);
  await look(looks, 'rest', async (page) => {
    await activeStack(page, 'None').waitFor();
    await page.getByRole('row').nth(6).waitFor();
  });
  await installed.api.start('nav');
  await look(looks, 'running', async (page) => {
    await verdict(page, 'Running, 4 of 4 processes.').waitFor();
    await page.getByRole('img', { name: /^CPU, .*: now \d/ }).waitFor();
  });
  await look(looks, 'question', async (page) => {
    await otherStack(page, 'teleop').getByRole('button', { name: 'Switch to teleop' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Switch to teleop' }).waitFor();
  });
  for (const { page } of looks) await page.keyboard.press('Escape');
  const { stack } = await installed.api.stack('nav');
  const pid = stack.expected.find(({ name }) => name === 'bt_navigator')?.pid;
  await installed.robot.exec(['kill', '-9', String(pid)]);
  await look(looks, 'missing', (page) => processOf(page, 'bt_navigator').getByText('missing').waitFor());
});

test('what is under the pointer, or at the keyboard, can be read too', { timeout: 240_000 }, async () => {
  await installed.api.start('nav');
  for (const scheme of SCHEMES) {
    const page = await visits.open({ scheme });
    await verdict(page, 'Running, 4 of 4 processes.').waitFor();
    const buttons = page
      .getByRole('main')
      .getByRole('button')
      .or(page.getByRole('banner').getByRole('button'));
    const links = page.getByRole('navigation').getByRole('link');
    const faults: string[] = [];
    for (const place of [...(await buttons.all()), ...(await links.all())]) {
      await place.hover();
      await place.focus();
      faults.push(...(await violations(page, { rules: ['color-contrast'], at: place })));
    }
    expect.soft([scheme, ...new Set(faults)]).toEqual([scheme]);
  }
});

test('failed, under way and refused', { timeout: 240_000 }, async () => {
  const complain = [
    'echo "[INFO] [slam]: solver: ceres"',
    'echo "[WARN] [slam]: no data on /scan for 5 s" >&2',
    'echo "RuntimeError: no laser" >&2',
    'exec sleep infinity',
  ];
  await setStack(installed.robot, 'mapping', {
    nodes: [{ name: 'async_slam_toolbox_node', command: ['bash', '-c', complain.join('; ')] }],
    // Its node must have said why by then: a shell that has not begun says nothing.
    launchExit: { afterMs: 3_000, code: 1 },
  });
  await setStack(installed.robot, 'localization', {
    nodes: ['ekf_node', 'map_server', 'amcl'].map((name) => ({
      name,
      startDelayMs: name === 'amcl' ? 290_000 : 0,
    })),
  });
  const looks = await everywhere(visits);
  await installed.api.start('mapping').catch(() => undefined);
  await look(looks, 'failed', async (page) => {
    await lastCommand(page).getByRole('heading', { name: 'Start mapping: failed' }).waitFor();
    await otherStack(page, 'mapping')
      .getByText(/^Last lines of that run/)
      .click();
    await otherStack(page, 'mapping').getByText('RuntimeError: no laser').waitFor();
  });
  await installed.api.start('localization', { async: true });
  visits.announce(/status of 409/);
  await look(looks, 'refused', async (page) => {
    await activeStack(page, 'localization').waitFor();
    await otherStack(page, 'nav').getByRole('button', { name: 'Switch to nav' }).click();
    await page.getByRole('alert').filter({ hasText: '“Switch to nav” was refused' }).waitFor();
  });
});

test('the link is lost; systemd is', { timeout: 240_000 }, async () => {
  await installed.api.start('nav');
  const looks = await everywhere(visits);
  for (const { page } of looks) await verdict(page, 'Running, 4 of 4 processes.').waitFor();
  await installed.systemctl(['stop', 'dbus.socket']);
  await installed.systemctl(['kill', '--signal=SIGKILL', 'dbus.service']);
  // Before systemd knows of its end, a start would change nothing.
  await installed.waitForUnit('dbus.service', 'inactive', 'failed');
  await look(looks, 'unknown', (page) =>
    page.getByText('The robot cannot ask systemd', { exact: true }).waitFor(),
  );
  await installed.systemctl(['start', 'dbus.socket', 'dbus.service']);
  for (const { page } of looks) await verdict(page, 'Running, 4 of 4 processes.').waitFor();

  visits.announce(/WebSocket connection to .* failed/, /Failed to load resource/);
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', 'rovi-gateway.service']);
  await look(looks, 'lost', (page) =>
    page.getByText('The link to the robot is lost', { exact: true }).waitFor(),
  );
  // A start is only sent to a gateway that systemd knows to be dead.
  await installed.waitForUnit('rovi-gateway.service', 'failed');
  await installed.systemctl(['start', 'rovi-gateway.service']);
});

test('sign in, and as a viewer', { timeout: 240_000 }, async () => {
  visits.announce(/status of 401/, /WebSocket connection to .* failed/);
  const looks = await everywhere(visits, { as: STRANGER });
  await look(looks, 'sign-in', (page) => page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor());
  const created = ['rovictl', 'token', 'create', '--role', 'viewer', '--name', 'wall'];
  const token = (await installed.robot.exec(created)).stdout.trim();
  await look(looks, 'viewer', async (page) => {
    await page.getByLabel(/^Token/).fill(token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText('You can look, but not command').waitFor();
    await activeStack(page, 'None').waitFor();
    expect(await stopButton(page).count()).toBe(0);
  });
});

installed.expectNoWarningsBut(
  /^rovi-mapping\.service\[4\] systemd: rovi-mapping\.service: (Main process exited, code=exited, status=1\/FAILURE|Failed with result 'exit-code'\.)$/,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
  /^rovi-gateway\.service\[4\] rovi-gateway: .*"msg":"connection to systemd lost"/,
);
