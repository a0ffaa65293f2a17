import type { Locator, Page } from 'playwright-core';

/** The name of the active stack, large; `None` where none is. */
export const activeStack = (page: Page, name: string): Locator =>
  page.getByRole('heading', { level: 1, name, exact: true });

/** What the page says of the active stack, from its beginning: `Running, 4 of 4 processes.` */
export const verdict = (page: Page, text: string): Locator =>
  page
    .getByRole('main')
    .getByRole('paragraph')
    .filter({ hasText: new RegExp(`^${escaped(text)}`) });

/** One of the processes that the active stack must have. */
export const processOf = (page: Page, name: string): Locator =>
  page
    .getByRole('list', { name: 'Expected processes' })
    .getByRole('listitem')
    .filter({ has: page.getByText(name, { exact: true }) });

/** The row of a unit in the table of all. */
export const rowOf = (page: Page, unit: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('link', { name: unit, exact: true }) });

/** A stack that does not hold the robot, among those to start or switch to. */
export const otherStack = (page: Page, name: string): Locator =>
  page.getByRole('listitem').filter({ has: page.getByRole('heading', { level: 3, name, exact: true }) });

/** The button in the header that stops everything. */
export const stopButton = (page: Page): Locator =>
  page.getByRole('banner').getByRole('button', { name: 'Stop everything on the robot' });

/** The button that says who looks, and as what. */
export const person = (page: Page, name: string, role: string): Locator =>
  page.getByRole('banner').getByRole('button', { name: new RegExp(`\\b${escaped(name)},? ${role}\\b`) });

/** The last command, with what came of it. */
export const lastCommand = (page: Page): Locator => page.getByRole('region', { name: 'Last command' });

/** The page says that the link is live, and shows the first word of the robot. */
export const live = (page: Page): Locator => page.getByRole('banner').getByText('Live', { exact: true });

/** What the keyboard is at. */
export const focused = (page: Page): Locator => page.locator(':focus');

/** Goes there with the Tab key alone. Throws where that does not lead there. */
export async function tabTo(page: Page, place: Locator): Promise<void> {
  await place.waitFor();
  for (let presses = 0; presses < 120; presses += 1) {
    if ((await place.and(focused(page)).count()) === 1) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the Tab key does not lead to ${String(place)}`);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
