import { join } from 'node:path';
import type { TicketDraft } from '@rovi/client';
import { REPOSITORY } from '@rovi/testbed';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { tcpRig } from '../access/tcp-rig.js';
import { everywhere, look } from './looks.js';
import { focused, live, tabTo } from './parts.js';
import { Visits } from './visits.js';
import { Wire } from './wire.js';

type Robot = Awaited<ReturnType<typeof tcpRig>>;
let robot: Robot;
let wire: Wire;

beforeAll(async () => {
  robot = await tcpRig({}, { webFolder: join(REPOSITORY, 'dist', 'web') });
  wire = await Wire.to(robot.port);
});
const visits = new Visits(() => Promise.resolve(wire));
afterEach(async () => {
  wire.mend();
  for (const status of ['pending', 'queued', 'executing'] as const) {
    for (const { id } of (await calls().list({ status, limit: 1000 })).tickets) await calls().cancel(id);
  }
  await calls().resetEstop();
  await robot.client.stopAll();
  expect(robot.store.illegal).toEqual([]);
});
afterAll(() => robot[Symbol.asyncDispose]());

const calls = () => robot.client.tickets;
const TICKETS = '/services/tickets';
/** Nothing moves; long enough to be looked at. */
const slow: TicketDraft = {
  command: 'drive',
  params: { speed: 0.5, direction: 90, duration_seconds: 50 },
  timeout_seconds: 60,
  dry_run: true,
};

/** A new ticket that was asked to be executed; its id. */
async function queued(draft: TicketDraft = slow): Promise<string> {
  const { id } = await calls().create(draft);
  await calls().execute(id, { async: true });
  return id;
}

const estopButton = (page: Page) =>
  page.getByRole('banner').getByRole('button', { name: /^E-stop|^Sending/ });
const banner = (page: Page) =>
  page.getByRole('alert').filter({ hasText: 'No ticket begins until it is reset' });
const region = (page: Page, name: string) => page.getByRole('region', { name, exact: true });
const rowOf = (page: Page, id: string) =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name: id, exact: true }) });
const status = (page: Page, id: string, word: string) => rowOf(page, id).getByText(word, { exact: true });
const places = (page: Page) => page.getByRole('navigation', { name: 'Views' });
const stopped = () => expect.poll(() => robot.desk.status.estop.active);

test('a ticket is created and executed with the form, and everybody sees how it goes on', async () => {
  const page = await visits.open();
  const other = await visits.open({ path: TICKETS });
  await places(page).getByRole('link', { name: 'Tickets' }).click();
  await page.getByRole('button', { name: 'New ticket' }).click();
  const form = region(page, 'New ticket');
  await form.getByLabel('Command').selectOption('drive');
  await form.getByLabel('Speed (m/s)').fill('0,5');
  await form.getByLabel('Direction (°)').fill('90');
  await form.getByLabel('Duration (s)').fill('50');
  await form.getByLabel('Priority').selectOption('high');
  await form.getByLabel('Timeout (s)').fill('60');
  await form.getByLabel(/^Dry run/).check();
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await form.getByText('is created. It waits until somebody executes it.').waitFor();
  const id = (await form.getByRole('link').textContent()) ?? '';
  expect(await calls().read(id)).toMatchObject({
    status: 'pending',
    params: { speed: 0.5, direction: 90, duration_seconds: 50 },
    priority: 'high',
    timeout_seconds: 60,
    dry_run: true,
    actor: { face: 'web' },
  });
  await status(page, id, 'Pending').waitFor();
  await status(other, id, 'Pending').waitFor();

  await form.getByRole('button', { name: 'Create and execute' }).click();
  await form.getByText('is created and queued.').waitFor();
  const begun = (await form.getByRole('link').textContent()) ?? '';
  expect(begun).not.toBe(id);
  for (const one of [page, other]) {
    await status(one, begun, 'Executing').waitFor();
    const now = region(one, 'Executes now');
    await now.getByRole('link', { name: 'drive 0.5 m/s, 90°, 50 s' }).waitFor();
    await now.getByText(/^\d+ s, of at most 1 min$/).waitFor();
  }
  await region(other, 'Executes now')
    .getByRole('button', { name: `Cancel ${begun}` })
    .click();
  await status(page, begun, 'Cancelled').waitFor();
  await region(page, 'Executes now').getByText('Nothing.').waitFor();
  expect((await calls().read(begun)).status).toBe('cancelled');
  await rowOf(page, begun)
    .getByText(/ m simulated\.$/)
    .waitFor();
});

test('what is not allowed is said beside the form, with what to do', async () => {
  const page = await visits.open({ path: TICKETS });
  await page.getByRole('button', { name: 'New ticket' }).click();
  const form = region(page, 'New ticket');
  const speed = form.getByLabel('Speed (m/s)');
  await form.getByText('More than 0 m/s, at most 3 m/s.').waitFor();
  await form.getByRole('button', { name: 'Create and execute' }).click();
  await form.getByText('Needed.').first().waitFor();
  await speed.fill('0');
  await form.getByLabel('Duration (s)').fill('2');
  await form.getByRole('button', { name: 'Create and execute' }).click();
  await form.getByText('It must be more than 0 m/s, at most 3 m/s.').waitFor();
  await speed.fill('5');
  await form.getByRole('button', { name: 'Create and execute' }).click();
  await form.getByText('It must be more than 0 m/s, at most 3 m/s.').waitFor();
  expect((await calls().list({ status: 'pending' })).total).toBe(0);

  visits.announce(/status of 4\d\d/);
  // What no bound of a field says: the robot does.
  await speed.fill('1');
  await form.getByLabel('Timeout (s)').fill('1');
  await form.getByRole('button', { name: 'Create and execute' }).click();
  const refused = form.getByRole('alert');
  await refused.getByText('It was not created').waitFor();
  await refused.getByText(/it takes 3 s, and may take 1 s/).waitFor();
  await refused.getByText(/Give it more time/).waitFor();
  await form.getByLabel('Timeout (s)').fill('');
  // Nothing runs during which it may drive: the ticket is there, and does not begin.
  await form.getByRole('button', { name: 'Create and execute' }).click();
  await refused.getByText('It was not executed').waitFor();
  await refused.getByText('motion-refused').waitFor();
  await form.getByText('It waits until somebody executes it.').waitFor();
  await calls().estop({ reason: 'a cable' });
  await form.getByRole('button', { name: 'Create and execute' }).click();
  await refused.getByText('estop-active').waitFor();
  await refused.getByText('See that the robot may move, then reset the e-stop.').waitFor();
  expect((await calls().list({ status: 'executing' })).total).toBe(0);
  // Stacks are chosen, not spelled.
  await form.getByLabel('Command').selectOption('stack.start');
  await form.getByLabel('Stack').selectOption('mapping');
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await form.getByText('It waits until somebody executes it.').waitFor();
  const [made] = (await calls().list({ limit: 1 })).tickets;
  expect(made).toMatchObject({ command: 'stack.start', params: { stack: 'mapping' } });
});

test('one press stops, without a question; a banner on every view says who; reset asks with what is queued', async () => {
  const moving = await queued();
  const waits = await queued({ ...slow, params: { speed: 0.2, duration_seconds: 50 }, priority: 'high' });
  const page = await visits.open({ path: TICKETS });
  await region(page, 'Executes now')
    .getByRole('link', { name: /^drive 0\.5/ })
    .waitFor();
  await region(page, 'Waits for its turn')
    .getByRole('link', { name: /^drive 0\.2/ })
    .waitFor();
  await estopButton(page).click();
  await banner(page).waitFor();
  await stopped().toBe(true);
  await estopButton(page).getByText('E-stopped').waitFor();
  expect(await page.getByRole('dialog').count()).toBe(0);
  await status(page, moving, 'Cancelled').waitFor();
  await status(page, waits, 'Queued').waitFor();
  for (const view of ['Overview', 'Graph', 'Timeline', 'Logs', 'Tickets']) {
    await places(page).getByRole('link', { name: view }).click();
    await banner(page)
      .getByText(/^By root at \d\d:\d\d:\d\d, without a reason\./)
      .waitFor();
    expect(await estopButton(page).isVisible()).toBe(true);
  }

  await banner(page).getByRole('button', { name: 'Reset the e-stop…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Reset the e-stop?' });
  await dialog.getByText('One ticket is queued, and goes on by its turn at once.').waitFor();
  await dialog.getByRole('listitem').filter({ hasText: 'drive 0.2 m/s, 0°, 50 s high, dry run' }).waitFor();
  // What is queued meanwhile is there at once.
  await calls().cancel(waits);
  await dialog.getByText('Nothing is queued: nothing begins by the reset.').waitFor();
  await dialog.getByRole('button', { name: 'Do not' }).last().click();
  await dialog.waitFor({ state: 'hidden' });
  expect(robot.desk.status.estop.active).toBe(true);

  await banner(page).getByRole('button', { name: 'Reset the e-stop…' }).click();
  await dialog.getByRole('button', { name: 'Reset the e-stop' }).click();
  await dialog.waitFor({ state: 'hidden' });
  await banner(page).waitFor({ state: 'hidden' });
  expect(robot.desk.status.estop.active).toBe(false);
  await estopButton(page).getByText('E-stop', { exact: true }).waitFor();
});

test('what is queued goes on after the reset', async () => {
  await queued();
  const waits = await queued({ ...slow, priority: 'low' });
  await calls().estop({ reason: 'somebody in the way' });
  const page = await visits.open({ path: TICKETS });
  await banner(page)
    .getByText(/Somebody in the way\./)
    .waitFor();
  await banner(page).getByRole('button', { name: 'Reset the e-stop…' }).click();
  await page.getByRole('dialog').getByText('One ticket is queued').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Reset the e-stop' }).click();
  await status(page, waits, 'Executing').waitFor();
});

test('the e-stop is sent at once while another command is on its way, and while a dialog is open', async () => {
  const id = await queued();
  const { id: other } = await calls().create(slow);
  const page = await visits.open({ path: `${TICKETS}/${other}` });
  let answered = false;
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route('**/execute', async (route) => {
    await held;
    answered = true;
    await route.abort();
  });
  visits.announce(/Failed to load resource/);
  await page.getByRole('button', { name: `Execute ${other}` }).click();
  await estopButton(page).click();
  await stopped().toBe(true);
  expect(answered).toBe(false);
  await banner(page).waitFor();
  await expect.poll(async () => (await calls().read(id)).status).toBe('cancelled');
  // Over a dialog, too: it takes the question back, for the answer would be of another moment.
  await banner(page).getByRole('button', { name: 'Reset the e-stop…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Reset the e-stop?' });
  await dialog.waitFor();
  await estopButton(page).click();
  await dialog.waitFor({ state: 'hidden' });
  release();
  await page.getByRole('alert').filter({ hasText: 'It was refused' }).waitFor();
});

test('with the keyboard: from wherever one is, also out of a text field; reset by Tab and Enter', async () => {
  const page = await visits.open({ path: TICKETS });
  await page.getByRole('button', { name: 'New ticket' }).click();
  await page.getByLabel('Speed (m/s)').fill('1');
  await page.keyboard.press('Control+,');
  await banner(page).waitFor();
  await stopped().toBe(true);
  expect(await page.getByLabel('Speed (m/s)').inputValue()).toBe('1');
  await tabTo(page, banner(page).getByRole('button', { name: 'Reset the e-stop…' }));
  await page.keyboard.press('Enter');
  const reset = page.getByRole('dialog').getByRole('button', { name: 'Reset the e-stop' });
  await expect.poll(() => reset.isEnabled()).toBe(true);
  await tabTo(page, reset);
  await page.keyboard.press('Enter');
  await banner(page).waitFor({ state: 'hidden' });
  await stopped().toBe(false);
  await page.goto('/services/');
  await tabTo(page, estopButton(page));
  expect(await focused(page).textContent()).toBe('E-stop');
  await page.keyboard.press('Enter');
  await stopped().toBe(true);
});

test('on a phone it is within the screen, wherever one has scrolled', async () => {
  for (let index = 0; index < 12; index += 1) await calls().create({ command: 'scan' });
  const page = await visits.open({ size: 'phone', path: TICKETS });
  await page.getByRole('row').nth(12).waitFor();
  for (const place of ['0, 0', '0, document.body.scrollHeight']) {
    await page.evaluate(`scrollTo(${place})`);
    const box = await estopButton(page).boundingBox();
    expect(box?.height).toBeGreaterThanOrEqual(56);
    expect(box?.width).toBeGreaterThanOrEqual(300);
    expect((box?.y ?? 1e9) + (box?.height ?? 0)).toBeLessThanOrEqual(844);
  }
  await estopButton(page).tap();
  await banner(page).waitFor();
  await stopped().toBe(true);
});

test('the link is cut, or silent: it says loudly that it was not sent, and claims nothing', async () => {
  visits.announce(/Failed to load resource/, /WebSocket connection to .* failed/);
  const page = await visits.open({ path: TICKETS });
  await live(page).waitFor();
  wire.silence();
  await estopButton(page).click();
  await page.getByText('E-stop not confirmed: use the e-stop of the machine').waitFor();
  expect(await page.getByText(/^E-stopped/).count()).toBe(0);
  wire.cut();
  const unsent = page
    .getByRole('alert')
    .filter({ hasText: 'E-stop not sent: use the e-stop of the machine' });
  await unsent.waitFor();
  await page.getByText('The link to the robot is lost', { exact: true }).waitFor();
  expect(await estopButton(page).isEnabled()).toBe(true);
  await estopButton(page).click();
  await unsent.waitFor();
  expect(await page.getByText(/^E-stopped/).count()).toBe(0);
  expect(robot.desk.status.estop.active).toBe(false);

  wire.mend();
  await live(page).waitFor();
  // It is not sent by itself when the link is back.
  expect(robot.desk.status.estop.active).toBe(false);
  await estopButton(page).click();
  await banner(page).waitFor();
  await unsent.waitFor({ state: 'hidden' });
  wire.cut();
  await page.getByText('E-stopped when it was last heard', { exact: true }).waitFor();
  expect(await page.getByRole('button', { name: 'Reset the e-stop…' }).isDisabled()).toBe(true);
});

test('a viewer sees it all, and may press nothing', async () => {
  const id = await queued();
  const page = await visits.open({ path: TICKETS, token: await robot.token('viewer', 'wall') });
  await status(page, id, 'Executing').waitFor();
  await page.getByText('You can look, but not command').waitFor();
  expect(await estopButton(page).isDisabled()).toBe(true);
  expect(await estopButton(page).getAttribute('aria-describedby')).toBe('estop-means');
  await page.getByText(/Your role is viewer: it takes an operator’s\.$/).waitFor({ state: 'attached' });
  await page.keyboard.press('Control+,');
  await calls().estop({ reason: 'by another' });
  await banner(page)
    .getByText(/By another\./)
    .waitFor();
  expect(robot.desk.status.estop.reason).toBe('by another');
  expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
});

test('a gateway without tickets: neither button nor view', async () => {
  const page = await visits.open({ path: 'about:blank' });
  await page.routeWebSocket(/\/api\//, (socket) => {
    const robotSide = socket.connectToServer();
    robotSide.onMessage((message) => {
      const said = JSON.parse(String(message)) as { snapshot?: { tickets?: unknown } };
      delete said.snapshot?.tickets;
      socket.send(JSON.stringify(said));
    });
  });
  await page.goto(TICKETS);
  await live(page).waitFor();
  await page.getByRole('heading', { level: 1, name: 'None' }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/services/');
  expect(await estopButton(page).count()).toBe(0);
  expect(await places(page).getByRole('link', { name: 'Tickets' }).count()).toBe(0);
});

test('pages and statuses: what is told of while one looks is put where it belongs', async () => {
  const ids: string[] = [];
  for (let index = 0; index < 30; index += 1) ids.push((await calls().create({ command: 'scan' })).id);
  const page = await visits.open({ path: TICKETS });
  const rows = page.getByRole('row').filter({ has: page.getByRole('link') });
  await expect.poll(() => rows.count()).toBe(25);
  const first = await calls().create({ command: 'scan', priority: 'low' });
  await rows.first().getByRole('link', { name: first.id }).waitFor();
  expect(await rows.count()).toBe(25);
  await page.getByRole('button', { name: 'Older' }).click();
  await page.getByText(/^Page 2 of/).waitFor();
  await rowOf(page, ids[5] ?? '').waitFor();
  // The address has the page.
  await page.reload();
  await rowOf(page, ids[5] ?? '').waitFor();
  await page.getByLabel('Status').selectOption({ value: 'cancelled' });
  await calls().cancel(ids[7] ?? '');
  await status(page, ids[7] ?? '', 'Cancelled').waitFor();
  await page.getByLabel('Status').selectOption({ value: 'pending' });
  await expect.poll(() => rows.count()).toBe(25);
  await calls().cancel(first.id);
  await rowOf(page, first.id).waitFor({ state: 'hidden' });
  // The one that follows comes from the next page.
  await expect.poll(() => rows.count()).toBe(25);
});

test('the page of a ticket: a failed one is run again, and both attempts are kept', async () => {
  robot.hangs('mapping');
  const { id } = await calls().create({ command: 'stack.start', params: { stack: 'mapping' } });
  const page = await visits.open({ path: `${TICKETS}/${id}` });
  const head = region(page, id);
  await head.getByText('Pending', { exact: true }).waitFor();
  await page.getByRole('button', { name: `Execute ${id}` }).click();
  await head.getByText('Failed', { exact: true }).waitFor();
  await head.getByText('It failed').waitFor();
  await page.getByRole('heading', { name: 'Attempt 1' }).waitFor();
  await page.getByRole('button', { name: `Run ${id} again` }).click();
  await page.getByRole('heading', { name: 'Attempt 2' }).waitFor();
  // The stack is up by then, if not whole: there is nothing left to start.
  await head.getByText('Completed', { exact: true }).waitFor();
  await region(page, 'Result').getByText('Mapping was already running.').waitFor();
  const steps = region(page, 'What happened').getByRole('listitem');
  await expect
    .poll(async () => (await steps.locator('strong').allTextContents()).join(' '))
    .toBe('Created Queued Executing Failed Queued Executing Completed');
  await steps
    .last()
    .getByText(/\d\d:\d\d:\d\d/)
    .waitFor();
  const attempts = region(page, 'Attempts').getByRole('listitem');
  expect(await attempts.getByText(/^(Failed|Completed)$/).allTextContents()).toEqual(['Failed', 'Completed']);
});

test('a scan is a picture', async () => {
  const { id } = await calls().create({ command: 'scan', dry_run: true });
  await calls().execute(id);
  const page = await visits.open({ path: `${TICKETS}/${id}` });
  await page
    .getByRole('img', { name: /^Simulated scan: 360 of 360 rays saw something\. Nearest: 5 m at / })
    .waitFor();
});

test('a ticket that is not there', async () => {
  visits.announce(/status of 404/);
  const page = await visits.open({ path: `${TICKETS}/tick-20200101-00000000` });
  await page.getByRole('alert').getByText('ticket-unknown').waitFor();
});

test('it says what it does not end, to whoever pressed wherever they had scrolled', async () => {
  for (let index = 0; index < 25; index += 1) await calls().create({ command: 'scan' });
  await robot.client.start('nav');
  const page = await visits.open({ size: 'tablet', path: TICKETS });
  await page.getByRole('row').nth(25).waitFor();
  await page.evaluate('scrollTo(0, document.body.scrollHeight)');
  await estopButton(page).tap();
  await banner(page)
    .getByText(/^nav runs on: what it drives by itself ends with Stop/)
    .waitFor();
  // Below the bar, and not behind it.
  await expect.poll(async () => (await banner(page).boundingBox())?.y ?? 0).toBeGreaterThanOrEqual(72);
  await page.getByRole('button', { name: 'Stop everything on the robot' }).tap();
  await banner(page)
    .getByText(/runs on/)
    .waitFor({ state: 'hidden' });
  expect(robot.desk.status.estop.active).toBe(true);
});

test('a word in the table is whole on a tablet', async () => {
  await calls().create({ ...slow, priority: 'critical' });
  await queued();
  const page = await visits.open({ size: 'tablet', path: TICKETS });
  await page.getByRole('cell', { name: 'critical', exact: true }).waitFor();
  const lines = await page.evaluate<number[]>(
    `[...document.querySelectorAll('td[data-label="Priority"]')].map((cell) => {
      const range = document.createRange();
      range.selectNodeContents(cell);
      return range.getClientRects().length;
    })`,
  );
  expect(lines.length).toBeGreaterThanOrEqual(2);
  expect(Math.max(...lines)).toBe(1);
});

test('how the tickets look', { timeout: 240_000 }, async () => {
  const scan = await calls().create({ command: 'scan', dry_run: true });
  await calls().execute(scan.id);
  await queued();
  await queued({ ...slow, priority: 'critical', params: { speed: 1, duration_seconds: 45 } });
  await queued({ ...slow, priority: 'low' });
  const list = await everywhere(visits, { path: TICKETS });
  await look(list, 'tickets', async (page) => {
    await page.getByRole('button', { name: 'New ticket' }).click();
    await page.getByLabel('Speed (m/s)').waitFor();
    await status(page, scan.id, 'Completed').waitFor();
  });
  await visits.leave();
  const one = await everywhere(visits, { path: `${TICKETS}/${scan.id}` });
  await look(one, 'ticket', (page) => page.getByRole('img', { name: /^Simulated scan/ }).waitFor());
});

test('how the e-stop looks', { timeout: 240_000 }, async () => {
  const id = await queued();
  await queued({ ...slow, priority: 'low' });
  await calls().estop({ reason: 'somebody is in the way' });
  const overview = await everywhere(visits);
  await look(overview, 'estop', (page) => banner(page).waitFor());
  await look(overview, 'estop-reset', async (page) => {
    await banner(page).getByRole('button', { name: 'Reset the e-stop…' }).click();
    await page.getByRole('dialog').getByText('One ticket is queued').waitFor();
  });
  await visits.leave();
  const cancelled = await everywhere(visits, { path: `${TICKETS}/${id}` });
  await look(cancelled, 'ticket-cancelled', (page) => page.getByText('It was cancelled').waitFor());
  visits.announce(/Failed to load resource/, /WebSocket connection to .* failed/);
  wire.cut();
  await look(cancelled, 'estop-unsent', async (page) => {
    await estopButton(page).click();
    await page.getByText('E-stop not sent: use the e-stop of the machine').waitFor();
    await page.getByText('E-stopped when it was last heard', { exact: true }).waitFor();
  });
});
