import { join } from 'node:path';
import { REPOSITORY } from '@rovi/testbed';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { violations } from './axe.js';
import { picture, SIZES } from './visits.js';
import type { Scheme, Size, VisitOptions, Visits } from './visits.js';

export const SCHEMES = ['light', 'dark'] as const;
const FOLDER = join(REPOSITORY, 'test-output', 'screenshots');
/** Also what fits on the screen, for the README: `npm run screenshots`. */
const SCREENS = process.env['ROVI_SCREENS'] !== undefined;

/** The page on one device. */
export interface Look {
  readonly page: Page;
  readonly size: Size;
  readonly scheme: Scheme;
}

/** One visit for each device and scheme. */
export async function everywhere(visits: Visits, options: VisitOptions = {}): Promise<Look[]> {
  const looks: Look[] = [];
  for (const size of Object.keys(SIZES) as Size[])
    for (const scheme of SCHEMES)
      looks.push({ size, scheme, page: await visits.open({ ...options, size, scheme }) });
  return looks;
}

/**
 * Brings each visit to the state, and looks at it there: axe finds nothing to object to, nothing is wider than the
 * screen, and a picture is left in test-output/screenshots/ for a person to look at.
 */
export async function look(
  looks: readonly Look[],
  name: string,
  until: (page: Page) => Promise<unknown>,
): Promise<void> {
  const faults: Record<string, string[]> = {};
  for (const { page, size, scheme } of looks) {
    await page.bringToFront();
    await until(page);
    await picture(page, join(FOLDER, `${name}-${scheme}-${size}.png`));
    if (SCREENS) await picture(page, join(FOLDER, 'screen', `${name}-${scheme}-${size}.png`), 'screen');
    // A tablet has nothing that the two others have not.
    const found = size === 'tablet' ? [] : await violations(page);
    const wider = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    if (wider > 0) found.push(`the page is ${wider} px wider than the screen`);
    if (found.length > 0) faults[`${name}, ${size}, ${scheme}`] = found;
  }
  expect.soft(faults).toEqual({});
}
