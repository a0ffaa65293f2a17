import { readFile } from 'node:fs/promises';
import { setStack } from '@rovi/testbed';
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { InstalledRobot, shippedCatalog } from '../installed-robot.js';
import { everywhere, look } from './looks.js';
import { activeStack, lastCommand, otherStack, stopButton } from './parts.js';
import { Visits } from './visits.js';

const installed = new InstalledRobot('web-views', { catalog: shippedCatalog() });
const visits = new Visits(installed);
const NAV = ['ekf_node', 'controller_server', 'planner_server', 'bt_navigator'];

beforeAll(async () => {
  const talk = [
    'echo "<6>[bt_navigator]: the tree has 41 nodes"',
    'echo "<4>[controller_server]: control loop missed its rate of 20 Hz" >&2',
    'echo "<3>[planner_server]: no path to (4.2, 1.0)" >&2',
    'while sleep 0.3; do echo "<6>[bt_navigator]: tick $((n += 1))"; done',
  ];
  const talker = { name: 'talker', command: ['bash', '-c', talk.join('; ')] };
  await setStack(installed.robot, 'nav', { nodes: [...NAV.map((name) => ({ name })), talker] });
});
afterEach(async () => {
  await installed.api.stopAll();
});

const lines = (page: Page) => page.getByRole('log', { name: 'Lines of nav' });

test('logs: opened by their address, new lines appear by themselves, filters leave what was asked for', async () => {
  await installed.api.start('nav');
  const page = await visits.open({ path: '/services/logs/nav' });
  await page.getByRole('heading', { level: 1, name: 'Logs' }).waitFor();
  await lines(page).getByText('[planner_server]: no path to (4.2, 1.0)').waitFor();
  const [, number] =
    /tick (\d+)/.exec(
      (await lines(page)
        .getByText(/tick \d+/)
        .last()
        .textContent()) ?? '',
    ) ?? [];
  await lines(page)
    .getByText(`tick ${Number(number) + 3}`, { exact: false })
    .last()
    .waitFor();

  await page.getByLabel('Priority').selectOption('warning and worse');
  await lines(page).getByText(/tick/).first().waitFor({ state: 'hidden' });
  expect(
    await lines(page)
      .getByText(/missed its rate|no path/)
      .count(),
  ).toBe(2);
  await page.getByLabel('Priority').selectOption('error and worse');
  await lines(page)
    .getByText(/missed its rate/)
    .waitFor({ state: 'hidden' });
  await lines(page)
    .getByText(/no path/)
    .waitFor();
  await page.getByLabel('Priority').selectOption('All');

  await page.getByLabel('Show only lines with this text').fill('NO PATH');
  await page.getByText(/^1 of \d+ lines shown$/).waitFor();
  await page.getByRole('button', { name: 'Copy all shown' }).click();
  await page.getByText('1 lines copied.').waitFor();
  const copied = await page.evaluate<string>('navigator.clipboard.readText()');
  expect(copied).toMatch(/^\S+ error +rovi-nav\[\d+\]: \[planner_server\]: no path to \(4\.2, 1\.0\)\n$/);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download' }).click();
  const file = await downloading;
  expect(file.suggestedFilename()).toMatch(/^rovi-nav-[\dT-]+\.log$/);
  expect(await readFile(await file.path(), 'utf8')).toBe(copied);

  await page.getByLabel('Show only lines with this text').fill('nobody ever wrote this');
  await page.getByText(/^None of the \d+ lines is what the filters ask for\.$/).waitFor();
  await page.getByRole('button', { name: 'Show all' }).click();
  await page.getByLabel('Written by').selectOption('systemd');
  await lines(page)
    .getByText(/Started rovi-nav\.service/)
    .waitFor();
  expect(await lines(page).getByText(/tick/).count()).toBe(0);
});

test('logs: from one run to another, and only one of them', async () => {
  await installed.api.start('nav');
  const first = (await installed.api.stack('nav')).stack.unit.invocation_id ?? '';
  await installed.api.restart('nav');
  const second = (await installed.api.stack('nav')).stack.unit.invocation_id ?? '';
  const page = await visits.open();
  await activeStack(page, 'nav').waitFor();
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Logs' }).click();
  await lines(page)
    .getByText(`Run ${second.slice(0, 8)}`)
    .waitFor();
  await page.getByLabel('Jump to run').selectOption({ value: first });
  await lines(page)
    .getByText(`Run ${first.slice(0, 8)}`)
    .waitFor();
  await page.getByRole('switch', { name: 'Only this' }).click();
  await lines(page).press('End');
  await lines(page)
    .getByText(/Stopped rovi-nav\.service/)
    .waitFor();
  expect(
    await lines(page)
      .getByText(`Run ${second.slice(0, 8)}`)
      .count(),
  ).toBe(0);
  // Somebody who reads back is not torn away by new lines, and is told of them.
  await page.getByRole('switch', { name: 'Only this' }).click();
  await lines(page).press('Home');
  await page.getByRole('button', { name: /^Newest \(\d+ new\)$/ }).click();
  await page.getByRole('button', { name: /^Newest/ }).waitFor({ state: 'hidden' });
});

test('logs: the gateway is away and comes back, and no line is left out or told twice', async () => {
  await installed.api.start('nav');
  const page = await visits.open({ path: '/services/logs/nav' });
  await lines(page)
    .getByText(/tick \d+/)
    .first()
    .waitFor();
  visits.announce(/WebSocket connection to .* failed/, /Failed to load resource/);
  await installed.systemctl(['kill', '--signal=SIGKILL', '--kill-whom=main', 'rovi-gateway.service']);
  await page.getByText('No new lines at the moment').waitFor();
  // A start is only sent to a gateway that systemd knows to be dead.
  await installed.waitForUnit('rovi-gateway.service', 'failed');
  await installed.systemctl(['start', 'rovi-gateway.service']);
  await page.getByText('No new lines at the moment').waitFor({ state: 'hidden' });
  await page.getByRole('status').getByText('New lines appear by themselves').waitFor();
  await stopButton(page).click();
  await lines(page)
    .getByText(/Stopped rovi-nav\.service/)
    .last()
    .waitFor();
  await page.getByLabel('Jump to run').selectOption({ index: 1 });
  await page.getByRole('switch', { name: 'Only this' }).click();
  await page.getByLabel('Show only lines with this text').fill('tick');
  await page.getByRole('button', { name: 'Copy all shown' }).click();
  await page.getByText(/lines copied\.$/).waitFor();
  const ticks = [...(await page.evaluate<string>('navigator.clipboard.readText()')).matchAll(/tick (\d+)/g)];
  const numbers = ticks.map(([, number]) => Number(number));
  expect(numbers.length).toBeGreaterThan(3);
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
});

test('the graph: each unit with what it needs, its state as it is now, and commands', async () => {
  const page = await visits.open({ path: '/services/graph' });
  const picture = page.getByRole('button', { name: 'nav Stopped' });
  await picture.waitFor();
  await page.getByRole('button', { name: 'gateway Running' }).waitFor();
  await picture.focus();
  await page.keyboard.press('Enter');
  const panel = page.getByRole('region', { name: 'nav' });
  await panel.getByText(/^Needs gateway:/).waitFor();
  await panel.getByText('not beside teleop, mapping, localization, camera', { exact: false }).waitFor();
  await panel.getByRole('button', { name: 'Start nav' }).click();
  await page.getByRole('button', { name: 'nav Running' }).waitFor();
  await panel.getByText(/^Running, 4 of 4 processes\./).waitFor();
  await panel.getByRole('link', { name: 'Logs' }).click();
  await lines(page).waitFor();
  expect(new URL(page.url()).pathname).toBe('/services/logs/nav');
  await page.goBack();
  await page.getByRole('button', { name: 'nav Running' }).waitFor();
});

test('the timeline: what was commanded, by whom, and what became of it', async () => {
  const page = await visits.open();
  await otherStack(page, 'camera').getByRole('button', { name: 'Start camera' }).click();
  await activeStack(page, 'camera').waitFor();
  // Killed before it is whole it would be a start that failed, and no crash.
  await lastCommand(page).getByRole('heading', { name: 'Start camera: done' }).waitFor();
  await page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: 'Timeline' }).click();
  await page.getByRole('heading', { level: 1, name: 'Timeline' }).waitFor();
  const happened = (unit: string, what: RegExp) =>
    page
      .getByRole('row')
      .filter({ has: page.getByRole('link', { name: unit, exact: true }) })
      .filter({ has: page.getByRole('cell', { name: what }) });
  await happened('camera', /^start/i)
    .filter({ hasText: 'root' })
    .first()
    .waitFor();
  await installed.systemctl(['kill', '--signal=SIGKILL', 'rovi-camera.service']);
  const crash = happened('camera', /crash|failed/i)
    .filter({ hasText: 'SIGKILL' })
    .first();
  await crash.waitFor();
  await page.getByRole('switch', { name: 'Failures only' }).click();
  await happened('camera', /^start/i).waitFor({ state: 'hidden' });
  // From the failure to the lines of just that run.
  await crash.getByRole('link', { name: 'camera' }).click();
  await page
    .getByRole('log', { name: 'Lines of camera' })
    .getByText(/status=9\/KILL/)
    .first()
    .waitFor();
});

test('how the logs look', { timeout: 240_000 }, async () => {
  await installed.api.start('nav');
  const logs = await everywhere(visits, { path: '/services/logs/nav' });
  await look(logs, 'logs', (page) =>
    lines(page)
      .getByText(/tick \d+/)
      .first()
      .waitFor(),
  );
});

test('how the graph looks', { timeout: 240_000 }, async () => {
  await installed.api.start('nav');
  const graph = await everywhere(visits, { path: '/services/graph' });
  await look(graph, 'graph', (page) => page.getByRole('button', { name: 'nav Running' }).waitFor());
});

test('how the timeline looks', { timeout: 240_000 }, async () => {
  await installed.api.start('nav');
  const timeline = await everywhere(visits, { path: '/services/timeline' });
  await look(timeline, 'timeline', (page) =>
    page
      .getByRole('button', { name: /^nav.*running/i })
      .last()
      .waitFor(),
  );
});

installed.expectNoWarningsBut(
  /^rovi-nav\.service\[[34]\] rovi-nav: \[(controller_server|planner_server)\]: /,
  /^rovi-camera\.service\[4\] systemd: rovi-camera\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
  /^rovi-gateway\.service\[4\] systemd: rovi-gateway\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
);
