import type { FailureReport } from '@rovi/contract';
import { setStack } from '@rovi/testbed';
import type { Route } from 'playwright-core';
import { afterEach, expect, test } from 'vitest';
import { InstalledRobot, shippedCatalog } from '../installed-robot.js';
import {
  activeStack,
  focused,
  lastCommand,
  live,
  otherStack,
  processOf,
  rowOf,
  stopButton,
  tabTo,
  verdict,
} from './parts.js';
import { Visits } from './visits.js';

const installed = new InstalledRobot('web-overview', { catalog: shippedCatalog() });
const visits = new Visits(installed);
const NAV = ['ekf_node', 'controller_server', 'planner_server', 'bt_navigator'];

afterEach(async () => {
  await installed.api.stopAll();
});

test('the robot at rest, then nav is started, and runs with its processes and figures', async () => {
  const page = await visits.open({ path: '/' });
  await activeStack(page, 'None').waitFor();
  expect(new URL(page.url()).pathname).toBe('/services/');
  expect(await page.title()).toBe('rovi · Rovi');
  await rowOf(page, 'gateway').getByText('Running').waitFor();
  const starts = await page.getByRole('button', { name: /^Start / }).allTextContents();
  expect(starts.filter((text) => text !== '')).toHaveLength(5);

  await otherStack(page, 'nav').getByRole('button', { name: 'Start nav' }).click();
  await activeStack(page, 'nav').waitFor();
  await verdict(page, 'Running, 4 of 4 processes.').waitFor();
  await lastCommand(page).getByRole('heading', { name: 'Start nav: done' }).waitFor();
  await lastCommand(page).getByText('By root, on this page').waitFor();
  const { stack } = await installed.api.stack('nav');
  for (const { name, pid } of stack.expected) await processOf(page, name).getByText(`PID ${pid}`).waitFor();
  expect(stack.expected.map(({ name }) => name)).toEqual(NAV);
  await page.getByRole('img', { name: /^Memory in the last two minutes: now [1-9][\d.]* MB/ }).waitFor();
  await rowOf(page, 'nav').getByText(String(stack.unit.main_pid), { exact: true }).waitFor();
  // What is started from here takes the place of nav.
  expect(await page.getByRole('button', { name: /^Start / }).count()).toBe(0);
});

test('a node dies: which one is missing is seen at once, and the stack is not shown as whole', async () => {
  await installed.api.start('nav');
  const page = await visits.open();
  await processOf(page, 'bt_navigator').getByText(/^PID/).waitFor();
  const { stack } = await installed.api.stack('nav');
  const pid = stack.expected.find(({ name }) => name === 'bt_navigator')?.pid;
  await installed.robot.exec(['kill', '-9', String(pid)]);
  await processOf(page, 'bt_navigator').getByText('missing').waitFor();
  await verdict(page, 'Running, 3 of 4 processes, bt_navigator missing.').waitFor();
  await processOf(page, 'ekf_node').getByText(/^PID/).waitFor();
});

test('a launch fails: how it ended, its last lines and what to do', async () => {
  const complain =
    'echo "laser /scan: no data in 5 s" >&2; echo "RuntimeError: no laser" >&2; exec sleep infinity';
  await setStack(installed.robot, 'mapping', {
    nodes: [{ name: 'async_slam_toolbox_node', command: ['bash', '-c', complain] }],
    // Its node must have said why by then: a shell that has not begun says nothing.
    launchExit: { afterMs: 3_000, code: 1 },
  });
  const page = await visits.open();
  const mapping = otherStack(page, 'mapping');
  await mapping.getByRole('button', { name: 'Start mapping' }).click();
  await lastCommand(page).getByRole('heading', { name: 'Start mapping: failed' }).waitFor();
  await mapping.getByText('Failed', { exact: true }).waitFor();
  const report = await installed.api.failure('mapping');
  await mapping.getByText(`Why: ${report.cause.text}`).waitFor();
  expect(report.mend.length).toBeGreaterThan(0);
  expect(await mapping.getByRole('list').getByRole('listitem').count()).toBe(report.mend.length);
  await mapping.getByText(/^Last lines of that run/).click();
  await mapping.getByLabel('Last lines of mapping').getByText('RuntimeError: no laser').waitFor();
  await activeStack(page, 'None').waitFor();
  expect(await mapping.getByRole('link', { name: 'Logs' }).getAttribute('href')).toBe(
    '/services/logs/mapping',
  );
});

test('a launch whose last node dies ends by itself: that is no rest that somebody wanted, and is explained', async () => {
  await setStack(installed.robot, 'mapping', {
    nodes: [{ name: 'async_slam_toolbox_node', command: ['bash', '-c', 'echo "no laser" >&2; exit 3'] }],
  });
  const page = await visits.open();
  // A journal that is behind has the last lines a moment later, and what follows from them.
  const late = async (route: Route): Promise<void> => {
    const response = await route.fetch();
    const report = (await response.json()) as FailureReport;
    await route.fulfill({ response, json: { ...report, lines: [], mend: report.mend.slice(-1) } });
  };
  await page.route('**/api/stacks/mapping/failure', late, { times: 1 });
  const mapping = otherStack(page, 'mapping');
  await mapping.getByRole('button', { name: 'Start mapping' }).click();
  await lastCommand(page).getByText('Mapping did not start: exit code 0.').waitFor();
  await mapping.getByText('Stopped', { exact: true }).waitFor();
  await mapping.getByText('async_slam_toolbox_node died first, with exit code 3').waitFor();
  await mapping.getByText(/^Last lines of that run/).click();
  await mapping
    .getByLabel('Last lines of mapping')
    .getByText(/process has died .*exit code 3/)
    .waitFor();
});

test('a running stack is killed: the page says by what', async () => {
  await installed.api.start('nav');
  const page = await visits.open();
  await verdict(page, 'Running, 4 of 4 processes.').waitFor();
  await installed.systemctl(['kill', '--signal=SIGKILL', 'rovi-nav.service']);
  const nav = otherStack(page, 'nav');
  await nav.getByText('Failed', { exact: true }).waitFor();
  await nav.getByText(/^Why: .*SIGKILL/).waitFor();
  await rowOf(page, 'nav').getByText('Failed').waitFor();
});

test('a switch asks first what will stop; the other stack runs afterwards', async () => {
  await installed.api.start('nav');
  const page = await visits.open();
  await otherStack(page, 'teleop').getByRole('button', { name: 'Switch to teleop' }).click();
  const dialog = page.getByRole('dialog', { name: 'Switch to teleop?' });
  await dialog.getByText('This stops nav (running, 4 of 4 processes), then starts teleop.').waitFor();
  const affected = dialog.getByRole('listitem');
  expect(await affected.count()).toBe(2);
  expect(await affected.first().textContent()).toMatch(/^nav stops.*[45] processes end\.Running$/);
  expect(await affected.last().textContent()).toMatch(/^teleop starts.*Stopped$/);

  // Not wanted after all: nothing happens.
  await dialog.getByRole('button', { name: 'Do not' }).last().click();
  await dialog.waitFor({ state: 'hidden' });
  expect((await installed.api.active()).active).toBe('nav');

  await otherStack(page, 'teleop').getByRole('button', { name: 'Switch to teleop' }).click();
  await dialog.getByRole('button', { name: 'Switch to teleop' }).click();
  await activeStack(page, 'teleop').waitFor();
  await lastCommand(page).getByRole('heading', { name: 'Switch to teleop: done' }).waitFor();
  await otherStack(page, 'nav').getByText('Stopped').waitFor();
  expect((await installed.api.active()).active).toBe('teleop');
});

test('the situation changes while the question is open: nothing is done, and it is asked anew', async () => {
  await installed.api.start('nav');
  const page = await visits.open();
  await otherStack(page, 'teleop').getByRole('button', { name: 'Switch to teleop' }).click();
  const dialog = page.getByRole('dialog', { name: 'Switch to teleop?' });
  await dialog.getByText('This stops nav').waitFor();
  await installed.api.switchTo('camera');
  visits.announce(/status of 409/);
  await dialog.getByRole('button', { name: 'Switch to teleop' }).click();
  await dialog.getByText('The situation changed since it was shown').waitFor();
  await dialog.getByText('This stops camera (running, 2 of 2 processes), then starts teleop.').waitFor();
  expect((await installed.api.active()).active).toBe('camera');
  await dialog.getByRole('button', { name: 'Switch to teleop' }).click();
  await activeStack(page, 'teleop').waitFor();
  await dialog.waitFor({ state: 'hidden' });
});

test('a command is refused while another is under way: said in plain words, with what to do', async () => {
  await setStack(installed.robot, 'localization', {
    nodes: ['ekf_node', 'map_server', 'amcl'].map((name) => ({
      name,
      startDelayMs: name === 'amcl' ? 40_000 : 0,
    })),
  });
  const page = await visits.open();
  await installed.api.start('localization', { async: true });
  await activeStack(page, 'localization').waitFor();
  await lastCommand(page).getByRole('heading', { name: 'Start localization: under way' }).waitFor();
  visits.announce(/status of 409/);
  await otherStack(page, 'nav').getByRole('button', { name: 'Switch to nav' }).click();
  const refusal = page.getByRole('alert').filter({ hasText: '“Switch to nav” was refused' });
  await refusal.getByText(/^Start localization of story is under way since/).waitFor();
  await refusal.getByText('Wait for its end, or stop the stack: a stop is never refused.').waitFor();
  await refusal.getByText('operation-in-progress').waitFor();
  await activeStack(page, 'localization').waitFor();
  await refusal.getByRole('button', { name: 'Close' }).click();
  await refusal.waitFor({ state: 'hidden' });

  // Stop is never refused, and asks nothing.
  await stopButton(page).click();
  await activeStack(page, 'None').waitFor();
  await lastCommand(page).getByRole('heading', { name: 'Stop everything: done' }).waitFor();
  expect((await installed.api.active()).active).toBe(null);
});

test('two browsers see the same, whoever commands', async () => {
  const tablet = await visits.open({ size: 'tablet' });
  const phone = await visits.open({ size: 'phone', scheme: 'dark' });
  await live(tablet).waitFor();
  await live(phone).waitFor();
  await otherStack(tablet, 'camera').getByRole('button', { name: 'Start camera' }).click();
  await activeStack(phone, 'camera').waitFor();
  await lastCommand(phone).getByRole('heading', { name: 'Start camera: done' }).waitFor();
  await stopButton(phone).click();
  await activeStack(tablet, 'None').waitFor();
  await lastCommand(tablet).getByRole('heading', { name: 'Stop everything: done' }).waitFor();
});

test('Stop is within reach while something is asked', async () => {
  await installed.api.start('nav');
  const page = await visits.open();
  await activeStack(page, 'nav').waitFor();
  await otherStack(page, 'teleop').getByRole('button', { name: 'Switch to teleop' }).click();
  const dialog = page.getByRole('dialog', { name: 'Switch to teleop?' });
  await dialog.waitFor();
  await stopButton(page).click();
  await activeStack(page, 'None').waitFor();
  await dialog.waitFor({ state: 'hidden' });
});

test('with the keyboard alone: start, confirm a switch, and stop', async () => {
  const page = await visits.open();
  await live(page).waitFor();
  await page.keyboard.press('Tab');
  await focused(page).filter({ hasText: 'Skip to the content' }).waitFor();
  await tabTo(page, page.getByRole('listitem').getByRole('button', { name: 'Start nav' }));
  await page.keyboard.press('Enter');
  await lastCommand(page).getByRole('heading', { name: 'Start nav: done' }).waitFor();

  await tabTo(page, otherStack(page, 'teleop').getByRole('button', { name: 'Switch to teleop' }));
  await page.keyboard.press('Space');
  const dialog = page.getByRole('dialog', { name: 'Switch to teleop?' });
  await dialog.waitFor();
  // The safe answer is the first; Escape gives it too, and leads back to where one was.
  await dialog.and(page.locator(':has(:focus)')).waitFor();
  await focused(page).filter({ hasText: 'Do not' }).waitFor();
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'hidden' });
  await focused(page).filter({ hasText: 'Switch to teleop' }).waitFor();
  await page.keyboard.press('Enter');
  await dialog.waitFor();
  await tabTo(page, dialog.getByRole('button', { name: 'Switch to teleop' }));
  await page.keyboard.press('Enter');
  await activeStack(page, 'teleop').waitFor();
  await dialog.waitFor({ state: 'hidden' });

  await tabTo(page, stopButton(page));
  await page.keyboard.press('Enter');
  await activeStack(page, 'None').waitFor();
  // What is at rest is not yet proved to be: until then the stop is under way, and a start is refused.
  await lastCommand(page).getByRole('heading', { name: 'Stop everything: done' }).waitFor();
  await installed.api.start('nav');
  await activeStack(page, 'nav').waitFor();
  await page.keyboard.press('Control+.');
  await activeStack(page, 'None').waitFor();
});

installed.expectNoWarningsBut(
  /^rovi-nav\.service\[4\] systemd: rovi-nav\.service: (Main process exited, code=killed, status=9\/KILL|Failed with result 'signal'\.)$/,
  /^rovi-mapping\.service\[4\] systemd: rovi-mapping\.service: Failed with result 'exit-code'\.$/,
);
