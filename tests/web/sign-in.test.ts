import { expect, test } from 'vitest';
import { InstalledRobot, OPERATOR, shippedCatalog, STRANGER } from '../installed-robot.js';
import { activeStack, live, otherStack, person, rowOf, stopButton } from './parts.js';
import { Visits } from './visits.js';

const installed = new InstalledRobot('web-sign-in', { catalog: shippedCatalog() });
const visits = new Visits(installed);

/** What a browser says by itself of requests that were answered 401, and of a WebSocket that was then given up. */
const ASKED_FOR_A_TOKEN = [/status of 401/, /WebSocket connection to .* failed/];

async function token(role: string, name: string): Promise<string> {
  const { stdout } = await installed.robot.exec([
    'rovictl',
    'token',
    'create',
    '--role',
    role,
    '--name',
    name,
  ]);
  return stdout.trim();
}

test('an operator of the robot commands by the account, without a token', async () => {
  const page = await visits.open({ as: OPERATOR });
  await person(page, OPERATOR, 'operator').waitFor();
  await otherStack(page, 'nav').getByRole('button', { name: 'Start nav' }).click();
  await activeStack(page, 'nav').waitFor();
  await page.getByText(`By ${OPERATOR}, on this page`).waitFor();
  await stopButton(page).click();
  await activeStack(page, 'None').waitFor();
});

test('whoever the robot does not know sees nothing of it, and is asked for a token', async () => {
  visits.announce(...ASKED_FOR_A_TOKEN);
  const page = await visits.open({ as: STRANGER });
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.getByText('token-required').waitFor();
  expect(await page.getByText('Bearer').count()).toBe(0); // that is for programs
  expect(await page.getByText('nav', { exact: true }).count()).toBe(0);
  expect(await page.getByRole('button', { name: /Stop|Start|Switch/ }).count()).toBe(0);

  await page.getByLabel(/^Token/).fill('rovi_0000000a_wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('token-rejected').waitFor();

  await page.getByLabel(/^Token/).fill(await token('operator', 'tablet'));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await activeStack(page, 'None').waitFor();
  await live(page).waitFor();
  await otherStack(page, 'nav').getByRole('button', { name: 'Start nav' }).click();
  await activeStack(page, 'nav').waitFor();
  await page.getByText('By tablet, on this page').waitFor();

  // The device keeps it.
  await page.reload();
  await activeStack(page, 'nav').waitFor();
  await person(page, 'tablet', 'operator').click();
  await page.getByRole('menuitem', { name: 'Sign out on this device' }).click();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await installed.api.stopAll();
});

test('a viewer sees all and commands nothing', async () => {
  visits.announce(...ASKED_FOR_A_TOKEN);
  const page = await visits.open({ as: STRANGER });
  await page.getByLabel(/^Token/).fill(await token('viewer', 'wall'));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('You can look, but not command').waitFor();
  await rowOf(page, 'nav').getByText('Stopped').waitFor();
  expect(await page.getByRole('button', { name: /Stop|Start|Switch|Restart/ }).count()).toBe(1); // sorts by restarts
  await page.keyboard.press('Control+.');
  await installed.api.start('nav');
  await activeStack(page, 'nav').waitFor();
  await page.getByText('Start nav: done').waitFor();
  await page.keyboard.press('Control+.');
  expect(
    await page
      .getByRole('main')
      .getByRole('button', { name: /^(Stop|Restart) ?(nav)?$/ })
      .count(),
  ).toBe(0);
  expect((await installed.api.active()).active).toBe('nav');
  await installed.api.stopAll();
  await activeStack(page, 'None').waitFor();
});

test('a token is revoked while somebody looks: the page ends the view at once, and says why', async () => {
  visits.announce(...ASKED_FOR_A_TOKEN);
  const page = await visits.open({ as: STRANGER });
  await page.getByLabel(/^Token/).fill(await token('operator', 'lent'));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await live(page).waitFor();
  await installed.api.start('nav');
  await activeStack(page, 'nav').waitFor();
  expect((await installed.rovictl(['token', 'revoke', 'lent'])).code).toBe(0);
  await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor();
  await page.getByText(/revoked/).waitFor();
  await page.getByText('token-rejected').waitFor();
  expect(await page.getByText('nav', { exact: true }).count()).toBe(0);
  await installed.api.stopAll();
});

installed.expectNoWarningsBut();
