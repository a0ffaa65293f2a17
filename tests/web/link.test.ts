import { afterEach, expect, test } from 'vitest';
import { InstalledRobot, shippedCatalog } from '../installed-robot.js';
import { activeStack, live, otherStack, processOf, rowOf, stopButton, verdict } from './parts.js';
import { Visits } from './visits.js';

const installed = new InstalledRobot('web-link', { catalog: shippedCatalog() });
const visits = new Visits(installed);
const GATEWAY = 'rovi-gateway.service';

afterEach(async () => {
  // A story that failed half-way left them away.
  await installed.systemctl(['start', 'dbus.socket', 'dbus.service', 'rovi-gateway.service']);
  await installed.robot.waitFor('the robot at rest', () => installed.api.stopAll());
});

test('the gateway is killed: all is shown as past, with its age; when it is back all is live again, without a reload', async () => {
  await installed.api.start('nav');
  const page = await visits.open();
  await verdict(page, 'Running, 4 of 4 processes.').waitFor();
  await rowOf(page, 'nav').getByText('Running').waitFor();
  await page.evaluate('window.notReloaded = true');
  visits.announce(/WebSocket connection to .* failed/, /Failed to load resource/);

  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', GATEWAY]);
  await page.getByText('The link to the robot is lost', { exact: true }).waitFor();
  await page
    .getByRole('banner')
    .getByText(/^Link lost, shown: \d+ s ago$/)
    .waitFor();
  await page.getByText(/^What is shown is what it said \d+ s ago\.$/).waitFor();
  // No state is told as a present one, and nothing but Stop can be commanded.
  await activeStack(page, 'nav').waitFor();
  for (const state of ['Running', 'Stopped', 'Live', 'healthy'])
    expect([state, await page.getByText(state, { exact: true }).count()]).toEqual([state, 0]);
  await rowOf(page, 'nav').getByText('Was running').waitFor();
  await rowOf(page, 'teleop').getByText('Was stopped').waitFor();
  await processOf(page, 'bt_navigator').getByText('was there').waitFor();
  await otherStack(page, 'teleop')
    .getByRole('button', { name: 'Switch to teleop', disabled: true })
    .waitFor();
  expect(await stopButton(page).isEnabled()).toBe(true);
  await stopButton(page).click();
  await page.getByRole('alert').filter({ hasText: '“Stop everything” may not have arrived' }).waitFor();

  // A start is only sent to a gateway that systemd knows to be dead.
  await installed.waitForUnit(GATEWAY, 'failed');
  await installed.systemctl(['start', GATEWAY]);
  await live(page).waitFor();
  await verdict(page, 'Running, 4 of 4 processes.').waitFor();
  await rowOf(page, 'nav').getByText('Running').waitFor();
  await page.getByText('The link to the robot is lost', { exact: true }).waitFor({ state: 'hidden' });
  expect(await page.evaluate('window.notReloaded')).toBe(true);
  await stopButton(page).click();
  await activeStack(page, 'None').waitFor();
});

test('the gateway hangs: silence is no sign of life', async () => {
  const page = await visits.open();
  await activeStack(page, 'None').waitFor();
  visits.announce(/WebSocket connection to .* failed/, /Failed to load resource/);
  await installed.systemctl(['kill', '--signal=SIGSTOP', '--kill-whom=main', GATEWAY]);
  await page.getByText('The link to the robot is lost', { exact: true }).waitFor();
  await page.getByRole('heading', { level: 1, name: 'There was none' }).waitFor();
  await installed.systemctl(['kill', '--signal=SIGCONT', '--kill-whom=main', GATEWAY]);
  await live(page).waitFor();
  await activeStack(page, 'None').waitFor();
});

test('the gateway loses systemd: every state is unknown, and known again when it is back', async () => {
  await installed.api.start('nav');
  const page = await visits.open();
  await verdict(page, 'Running, 4 of 4 processes.').waitFor();
  await rowOf(page, 'nav').getByText('Running').waitFor();
  await installed.systemctl(['stop', 'dbus.socket']);
  await installed.systemctl(['kill', '--signal=SIGKILL', 'dbus.service']);
  // Before systemd knows of its end, a start would change nothing.
  await installed.waitForUnit('dbus.service', 'inactive', 'failed');
  await page.getByText('The robot cannot ask systemd', { exact: true }).waitFor();
  await activeStack(page, 'Not known').waitFor();
  await live(page).waitFor();
  for (const unit of ['nav', 'teleop', 'gateway'])
    await rowOf(page, unit).getByText('Unknown').first().waitFor();
  expect(await page.getByText('Running', { exact: true }).count()).toBe(0);
  expect(await page.getByText('Stopped', { exact: true }).count()).toBe(0);

  await installed.systemctl(['start', 'dbus.socket', 'dbus.service']);
  await verdict(page, 'Running, 4 of 4 processes.').waitFor();
  await page.getByText('The robot cannot ask systemd', { exact: true }).waitFor({ state: 'hidden' });
});

installed.expectNoWarningsBut(
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
  /^rovi-gateway\.service\[4\] rovi-gateway: .*"msg":"connection to systemd lost"/,
);
