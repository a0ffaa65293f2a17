import type { Locator, Page } from 'playwright-core';

/** The name of the active stack, large; `None` where none is. */
export const activeStack = (page: Page, name: string): Locator =>
  page.getByRole('heading', { level: 1, name, exact: true });

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

/** The last command, with what came of it. */
export const lastCommand = (page: Page): Locator => page.getByRole('region', { name: 'Last command' });

/** The page says that the link is live, and shows the first word of the robot. */
export const live = (page: Page): Locator => page.getByRole('banner').getByText('Live', { exact: true });
