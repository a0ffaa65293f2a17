// Writes packages/contract/schema/*.schema.json, the published JSON Schemas of what crosses ROS topics as JSON and of the
// catalog, from the contract's zod schemas. With --check: writes nothing, exits 1 where a file is not what the contract says.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  catalogJsonSchema,
  eventSchema,
  snapshotSchema,
  statusFieldsSchema,
} from '../packages/contract/dist/index.js';

// The contract's own zod.
const { z } = createRequire(new URL('../packages/contract/package.json', import.meta.url))('zod');

const schemas = {
  catalog: [catalogJsonSchema(), '/etc/rovi/rovi.yaml, as people write it'],
  snapshot: [
    ofOutput(snapshotSchema),
    '/rovi/state, /rovi/get_state, GET /api/state: everything at one moment',
  ],
  event: [ofOutput(eventSchema), '/rovi/events, GET /api/events: one change'],
  'status-fields': [
    ofOutput(statusFieldsSchema),
    "/rovi/status_fields: the catalog's fields for a user interface",
  ],
};
const check = process.argv.includes('--check');
const folder = new URL('../packages/contract/schema/', import.meta.url);
let drift = 0;
if (!check) mkdirSync(folder, { recursive: true });
for (const [name, [schema, title]] of Object.entries(schemas)) {
  const file = new URL(`${name}.schema.json`, folder);
  const { $schema, ...rest } = schema;
  const text = `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`;
  if (!check) writeFileSync(file, text);
  else if (readIfThere(file) !== text) {
    drift += 1;
    console.error(
      `packages/contract/schema/${name}.schema.json differs: npm run build && node tools/schemas.mjs`,
    );
  }
}
process.exit(drift === 0 ? 0 : 1);

function ofOutput(schema) {
  return z.toJSONSchema(schema, { io: 'output', reused: 'ref' });
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
