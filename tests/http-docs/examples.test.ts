import { readFileSync } from 'node:fs';
import {
  commandBodySchema,
  executeBodySchema,
  maintenanceBodySchema,
  scaleBodySchema,
  ticketBodySchema,
  ticketSettingsSchema,
} from '@rovi/contract';
import { expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
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

const BODIES: Readonly<Record<string, z.ZodType>> = {
  '/api/maintenance': maintenanceBodySchema,
  '/ticket': ticketBodySchema,
  '/execute': executeBodySchema,
};

it('sends bodies that commands take', () => {
  const sent = [...page.matchAll(/http:\/\/rovi(\S+)[^`]*?-d '([^']+)'/g)];
  expect(sent.length).toBe([...page.matchAll(/ -d '/g)].length);
  for (const [, path = '', body = ''] of sent) {
    const schema = path.startsWith('/api/services/scale/')
      ? scaleBodySchema
      : (BODIES[path] ?? commandBodySchema);
    schema.parse(JSON.parse(body));
  }
});

it('has, on the page of tickets, curl commands whose bodies the routes take', () => {
  const text = readFileSync(new URL('../../docs/tickets.md', import.meta.url), 'utf8');
  const sent = [...text.matchAll(/http:\/\/localhost:8080(\S+)[^`#]*?-d '([^']+)'/g)];
  expect(sent.map(([, path]) => path)).toEqual(['/ticket', '/execute']);
  for (const [, path = '', body = ''] of sent) BODIES[path]?.parse(JSON.parse(body));
  const shown = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
  const { tickets } = parseYaml(shown) as { tickets: unknown };
  // What it shows is what holds where nothing is said, but for the stacks and the odometry.
  const defaults = ticketSettingsSchema.parse({});
  expect(ticketSettingsSchema.parse(tickets)).toEqual({
    ...defaults,
    drive_stacks: ['nav'],
    drive: { ...defaults.drive, odometry: '/odom' },
  });
});

it('lists the figures there are', async () => {
  await using robot = await rig();
  const { text } = await ask(robot.socketPath, { path: '/metrics' });
  const table = /## Metrics\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
  const written = [...table.matchAll(/^\| `(\w+)/gm)].map(([, name]) => name);
  const served = [...text.matchAll(/^# TYPE (rovi_\S+)/gm)].map(([, name]) => name);
  expect(written.sort()).toEqual(served.sort());
});
