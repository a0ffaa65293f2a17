import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { default as Axe, RunOptions } from 'axe-core';
import type { Locator, Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Where axe looks. */
export interface AxeOptions {
  /** Single rules; default all of WCAG 2.2 AA that a program can judge. */
  readonly rules?: readonly string[];
  /** One part of the page; default all of it. */
  readonly at?: Locator;
}

/** Every place where the page, as it is now, is in breach of WCAG 2.2 AA: the rule, the element and why. */
export async function violations(page: Page, { rules = RULES, at }: AxeOptions = {}): Promise<string[]> {
  // By the debugger, past the page's policy, which forbids it foreign scripts.
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(SOURCE);
  const options: RunOptions = { runOnly: [...rules], resultTypes: ['violations'] };
  const found = await (at ?? page.locator(':root')).evaluate(
    (element, how) => (globalThis as unknown as { axe: typeof Axe }).axe.run(element, how),
    options,
  );
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 300)}\n${failureSummary ?? ''}`),
  );
}
