import { readFileSync } from 'node:fs';
import { commandBodySchema } from '@rovi/contract';
import { expect, it } from 'vitest';
import { rig } from '../api/rig.js';
import { ask } from './ask.js';
import { Description } from './described.js';

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');

it('shows JSON that is what it says', async () => {
  await using robot = await rig();
  const description = await Description.of(robot.socketPath);
  const blocks = [...page.matchAll(/^```json ?(\w*)\n([\s\S]*?)^```$/gm)];
  expect(blocks.length).toBeGreaterThan(1);
  for (const [, name = '', text = ''] of blocks) {
    expect(Object.keys(description.document.components.schemas), text).toContain(name);
    const faults = description.faults({ $ref: `#/components/schemas/${name}` }, JSON.parse(text));
    expect(faults, text).toEqual([]);
  }
});

it('sends bodies that commands take', () => {
  const bodies = [...page.matchAll(/-d '([^']+)'/g)].map(([, body = '']) => body);
  expect(bodies.length).toBeGreaterThan(0);
  for (const body of bodies) commandBodySchema.parse(JSON.parse(body));
});

it('lists the figures there are', async () => {
  await using robot = await rig();
  const { text } = await ask(robot.socketPath, { path: '/metrics' });
  const table = /## Metrics\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
  const written = [...table.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);
  const served = [...text.matchAll(/^# TYPE (rovi_\S+)/gm)].map(([, name]) => name);
  expect(written.sort()).toEqual(served.sort());
});
