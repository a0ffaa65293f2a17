import type { Page } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { InstalledRobot, shippedCatalog, STRANGER } from '../installed-robot.js';
import { everywhere, look } from './looks.js';
import { lastCommand, rowOf, tabTo } from './parts.js';
import { Visits } from './visits.js';

/** Runs until it is stopped, but ends at once with 3 where `/run/rovi/bad-<service>` is there. */
const program = [
  '/bin/bash',
  '-c',
  'if test -e "/run/rovi/bad-$ROVI_SERVICE"; then sleep 1; echo "no camera at /dev/video0" >&2; exit 3; fi; echo ready; exec sleep infinity',
];
const service = (description: string, more: object = {}) => ({
  description,
  command: program,
  restart: 'never',
  crash_loop: { starts: 100, window: 10 },
  timeouts: { start: 30, stop: 5 },
  ...more,
});
const services = {
  bus: service('Carries what services tell each other', { category: 'core', priority: 10, critical: true }),
  store: service('Keeps maps', { category: 'core', priority: 20, requires: ['bus'] }),
  video: service('Front camera', {
    category: 'sensors',
    priority: 30,
    restart: 'on-failure',
    crash_loop: { starts: 2, window: 60, cooldown: 8, tries: 3 },
  }),
  web: service('What people see', { category: 'apis', priority: 40, requires: ['store'], wants: ['video'] }),
  pool: service('Workers', { category: 'apis', priority: 50, instances: { min: 1, max: 4 } }),
  replay: service('Plays a recording instead', { category: 'sensors', priority: 60, conflicts: ['video'] }),
};

const installed = new InstalledRobot('web-services', {
  catalog: stringify({ ...(parse(shippedCatalog()) as object), services }),
});
const visits = new Visits(installed);

const unit = (name: string): string => `rovi-${name}.service`;
afterEach(async () => {
  await installed.robot.shell('rm -f /run/rovi/bad-*');
  for (const { target } of await installed.api.maintenance()) await installed.api.endMaintenance(target);
  await installed.robot.shell(
    `systemctl stop 'rovi-pool@*' ${['bus', 'store', 'video', 'web', 'replay'].map(unit).join(' ')}; systemctl reset-failed 'rovi-*'`,
  );
  await installed.robot.waitFor('all services at rest, and no command under way', async () => {
    // What a story commanded on the page is over on the page before it is on the robot.
    const { services: all, service_operations: commands } = await installed.api.state();
    return commands.length === 0 && all.every(({ state }) => state === 'STOPPED');
  });
});

/** One service in the list of the overview. */
const listed = (page: Page, name: string) =>
  page
    .getByRole('region', { name: 'Services', exact: true })
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { level: 4, name, exact: true }) });
const command = (page: Page, what: string, name: string) =>
  listed(page, name).getByRole('button', { name: `${what} ${name}`, exact: true });

test('a service is started with what it requires and wants, and all show so', async () => {
  const page = await visits.open();
  await listed(page, 'web').getByText('Stopped', { exact: true }).waitFor();
  await listed(page, 'bus').getByText('critical').waitFor();
  await command(page, 'Start', 'web').click();
  // It starts more than itself, and says so before.
  const dialog = page.getByRole('dialog', { name: 'Start web?' });
  await dialog.or(lastCommand(page).getByRole('heading', { name: /^Start web/ })).waitFor();
  if (await dialog.isVisible()) await dialog.getByRole('button', { name: 'Start web' }).click();
  await lastCommand(page).getByRole('heading', { name: 'Start web: done' }).waitFor();
  for (const name of ['bus', 'store', 'video', 'web']) {
    await listed(page, name).getByText('Running', { exact: true }).waitFor();
    expect(await installed.property(unit(name), 'ActiveState')).toBe('active');
  }
  await listed(page, 'pool').getByText('Stopped', { exact: true }).waitFor();
  await rowOf(page, 'store').getByText('Running').waitFor();
});

test('a stop of what others need names all of them first, in their order, and is done once it is confirmed', async () => {
  await installed.api.startService('web');
  const page = await visits.open();
  await command(page, 'Stop', 'bus').click();
  const dialog = page.getByRole('dialog', { name: 'Stop bus?' });
  await dialog.waitFor();
  const affected = await dialog.getByRole('listitem').allTextContents();
  expect(affected.map((text) => text.split(' ')[0]).sort()).toEqual(['bus', 'store', 'web']);
  await dialog.getByText('In this order').click();
  await dialog.getByRole('button', { name: 'Do not' }).last().click();
  await dialog.waitFor({ state: 'hidden' });
  expect(await installed.property(unit('bus'), 'ActiveState')).toBe('active');

  await command(page, 'Stop', 'bus').click();
  await dialog.getByRole('button', { name: 'Stop bus' }).click();
  for (const name of ['bus', 'store', 'web']) {
    await listed(page, name).getByText('Stopped', { exact: true }).waitFor();
    expect(await installed.property(unit(name), 'ActiveState')).toBe('inactive');
  }
  await listed(page, 'video').getByText('Running', { exact: true }).waitFor();
});

test('what needs it changes while it is asked: nothing is stopped, and it is asked anew', async () => {
  await installed.api.startService('store');
  const page = await visits.open();
  await command(page, 'Stop', 'bus').click();
  const dialog = page.getByRole('dialog', { name: 'Stop bus?' });
  await dialog.waitFor();
  await installed.api.startService('web');
  visits.announce(/status of 409/);
  await dialog.getByRole('button', { name: 'Stop bus' }).click();
  await dialog.getByText('The situation changed since it was shown').waitFor();
  await dialog.getByRole('listitem').filter({ hasText: 'web stops' }).waitFor();
  expect(await installed.property(unit('bus'), 'ActiveState')).toBe('active');
});

test('a service is scaled up and down, and its page has each instance', async () => {
  await installed.api.startService('pool');
  const page = await visits.open();
  const more = listed(page, 'pool').getByRole('button', { name: 'One instance of pool more' });
  await listed(page, 'pool').getByText('1 of 1', { exact: true }).waitFor();
  await more.click();
  await listed(page, 'pool').getByText('2 of 2', { exact: true }).waitFor();
  await more.click();
  await listed(page, 'pool').getByText('3 of 3', { exact: true }).waitFor();
  expect(await installed.property('rovi-pool@3.service', 'ActiveState')).toBe('active');
  await listed(page, 'pool').getByRole('link', { name: 'pool', exact: true }).click();
  await page.getByRole('heading', { level: 3, name: 'Instance 3' }).waitFor();
  const { instances } = (await installed.api.service('pool')).service ?? { instances: [] };
  for (const { unit: each } of instances)
    await page.getByText(String(each.main_pid), { exact: true }).waitFor();
  await page.getByRole('button', { name: 'One instance of pool less' }).click();
  await page.getByText('2 of 2 instances running', { exact: false }).first().waitFor();
  await page.getByRole('link', { name: 'Logs of instance 2' }).click();
  const lines = page.getByRole('log', { name: 'Lines of pool@2' });
  await lines.getByText('ready').first().waitFor();
  await page.getByLabel('Written by').selectOption('The program, stderr');
  await lines.getByText('ready').first().waitFor({ state: 'hidden' });
  await page.getByLabel('Written by').selectOption('The program, stdout');
  await lines.getByText('ready').first().waitFor();
});

test('a viewer sees services, and no button', async () => {
  visits.announce(/status of 401/, /WebSocket connection to .* failed/);
  const created = ['rovictl', 'token', 'create', '--role', 'viewer', '--name', 'wall'];
  const token = (await installed.robot.exec(created)).stdout.trim();
  const page = await visits.open({ as: STRANGER });
  await page.getByLabel(/^Token/).fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await listed(page, 'web').getByText('Stopped', { exact: true }).waitFor();
  expect(await page.getByRole('region', { name: 'Services', exact: true }).getByRole('button').count()).toBe(
    0,
  );
});

test('with the keyboard alone: start, and stop after the question', async () => {
  const page = await visits.open();
  await listed(page, 'store').getByText('Stopped', { exact: true }).waitFor();
  await tabTo(page, command(page, 'Start', 'bus'));
  await page.keyboard.press('Enter');
  await lastCommand(page).getByRole('heading', { name: 'Start bus: done' }).waitFor();
  await installed.api.startService('store');
  await tabTo(page, command(page, 'Stop', 'bus'));
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Stop bus?' });
  await dialog.waitFor();
  await tabTo(page, dialog.getByRole('button', { name: 'Stop bus' }));
  await page.keyboard.press('Enter');
  await listed(page, 'store').getByText('Stopped', { exact: true }).waitFor();
});

test('maintenance: begun with a reason, seen by all, nothing starts meanwhile, and ended', async () => {
  const page = await visits.open();
  const other = await visits.open({ size: 'phone', scheme: 'dark' });
  await listed(page, 'video').getByRole('link', { name: 'video', exact: true }).click();
  await page.getByRole('button', { name: 'Maintenance…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Begin maintenance' });
  // Without a reason there is none.
  await dialog.getByRole('button', { name: 'Begin maintenance' }).click();
  await dialog.getByText('Say why: others read it.').waitFor();
  await dialog.getByLabel(/^Why/).fill('new lens');
  await dialog.getByLabel('For how long').selectOption('1 hour');
  await dialog.getByRole('button', { name: 'Begin maintenance' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await page.getByText(/In maintenance until .*, for another (59 min|1 h).*: New lens\. By root\./).waitFor();
  await listed(other, 'video')
    .getByText(/In maintenance until/)
    .waitFor();
  await listed(other, 'video').getByText('Maintenance', { exact: true }).waitFor();
  expect(await command(other, 'Start', 'video').isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'End maintenance of video' }).click();
  await page.getByText(/In maintenance until/).waitFor({ state: 'hidden' });
  await listed(other, 'video').getByText('Stopped', { exact: true }).waitFor();
  // The service is told of before the list of maintenance, by which its commands are allowed.
  await expect.poll(() => command(other, 'Start', 'video').isEnabled()).toBe(true);
});

test('the robot is in maintenance: a banner says so on every view, and ends it', async () => {
  const page = await visits.open();
  await page.getByRole('button', { name: 'Maintenance…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Begin maintenance' });
  await dialog.getByLabel(/^Why/).fill('battery swap');
  await page.keyboard.press('Enter');
  await page.getByText('The robot is in maintenance', { exact: true }).waitFor();
  await page.getByText('Battery swap. By root, until somebody ends it.', { exact: false }).waitFor();
  expect(await page.getByRole('button', { name: 'Start nav' }).first().isDisabled()).toBe(true);
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Timeline' }).click();
  await page.getByRole('button', { name: 'End maintenance of the robot' }).click();
  await page.getByText('The robot is in maintenance', { exact: true }).waitFor({ state: 'hidden' });
});

test('a crash loop: the page counts down to the next try, says why, and shows that it came up', async () => {
  const page = await visits.open();
  await installed.api.startService('video');
  await installed.robot.writeFile('/run/rovi/bad-video', '');
  await installed.systemctl(['kill', '--signal=SIGKILL', unit('video')]);
  const waits = listed(page, 'video').getByText(/^\s*Crash loop: next try in \d+ s, 1 of 3$/);
  const left = async (): Promise<number> => Number(/in (\d+) s/.exec((await waits.textContent()) ?? '')?.[1]);
  const first = await left();
  await expect.poll(left).toBeLessThan(first);
  await listed(page, 'video').getByRole('link', { name: 'video', exact: true }).click();
  await page.getByLabel('Last lines of that run').getByText('no camera at /dev/video0').first().waitFor();
  await page.getByRole('heading', { name: 'Last incidents' }).waitFor();
  await page.getByText('Crash loop detected').first().waitFor();
  await installed.robot.shell('rm /run/rovi/bad-video');
  await page
    .getByText(/^\s*Crash loop: try \d of 3 is under way$/)
    .first()
    .waitFor();
  await page.getByRole('region', { name: 'video' }).getByText('Running', { exact: true }).waitFor();
});

test('a critical service fails: a banner names it', async () => {
  await installed.api.startService('bus');
  const page = await visits.open();
  await listed(page, 'bus').getByText('Running', { exact: true }).waitFor();
  await installed.systemctl(['kill', '--signal=SIGKILL', unit('bus')]);
  const banner = page.getByRole('alert').filter({ hasText: 'A critical service is down' });
  await banner.getByText(/SIGKILL/).waitFor();
  await banner.getByRole('link', { name: 'bus' }).click();
  await page.getByRole('heading', { level: 1, name: 'bus' }).waitFor();
  await page.getByRole('button', { name: 'Start bus' }).click();
  await banner.waitFor({ state: 'hidden' });
});

const busy = async (): Promise<void> => {
  await installed.api.startService('web');
  await installed.api.startService('pool');
  await installed.api.scaleService('pool', 2);
  await installed.api.beginMaintenance('replay', { reason: 'the recording is replaced' });
};

test('how the services look on the overview', { timeout: 240_000 }, async () => {
  await busy();
  const overview = await everywhere(visits);
  await look(overview, 'services', (page) =>
    listed(page, 'pool').getByText('2 of 2', { exact: true }).waitFor(),
  );
});

test('how the page of a service looks', { timeout: 240_000 }, async () => {
  await busy();
  const one = await everywhere(visits, { path: '/services/service/pool' });
  await look(one, 'service', (page) => page.getByRole('heading', { level: 3, name: 'Instance 2' }).waitFor());
});

test('how the graph and the timeline look with services', { timeout: 240_000 }, async () => {
  await busy();
  const graph = await everywhere(visits, { path: '/services/graph' });
  await look(graph, 'services-graph', (page) => page.getByRole('button', { name: 'web Running' }).waitFor());
  await visits.leave();
  const timeline = await everywhere(visits, { path: '/services/timeline' });
  await look(timeline, 'services-timeline', (page) =>
    page
      .getByRole('button', { name: /^pool@2.*running/i })
      .last()
      .waitFor(),
  );
});

installed.expectNoWarningsBut(
  /^rovi-video\.service\[3\] systemd: Failed to start rovi-video\.service - /,
  /^rovi-video\.service\[4\] systemd: rovi-video\.service: (Main process exited, code=(exited, status=3\/NOTIMPLEMENTED|killed, status=9\/KILL)|Failed with result '(exit-code|signal)'\.|Start request repeated too quickly\.)$/,
  /^rovi-bus\.service\[4\] systemd: rovi-bus\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
);
