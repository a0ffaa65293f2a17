import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * Every place where axe finds the page, as it is now, in breach of WCAG 2.2 AA: the rule, the element and why. `only`
 * names single rules to look at.
 */
export async function violations(page: Page, only?: readonly string[]): Promise<string[]> {
  // By the debugger, past the page's policy, which forbids it foreign scripts.
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(SOURCE);
  const run = `axe.run(document, ${JSON.stringify({ runOnly: only ?? RULES, resultTypes: ['violations'] })})`;
  const found = await page.evaluate<AxeResults>(run);
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 300)}\n${failureSummary ?? ''}`),
  );
}
