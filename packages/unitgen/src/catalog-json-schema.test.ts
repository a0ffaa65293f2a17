import { readdirSync, readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { catalogJsonSchema } from '@rovi/contract';

const examples = new URL('../../../examples/', import.meta.url);
const isCatalog = new Ajv2020({ strict: false, validateFormats: false }).compile(catalogJsonSchema());
const minimal = { version: 1, workspace: '/w', env_file: '/e', stacks: {} };

describe('the JSON Schema of a catalog', () => {
  it.each(readdirSync(examples).filter((name) => name.endsWith('.yaml')))('takes examples/%s', (name) => {
    isCatalog(parse(readFileSync(new URL(name, examples), 'utf8')));
    expect(isCatalog.errors).toBeNull();
  });

  it.each([
    ['an unknown key', { ...minimal, stakcs: {} }],
    ['a missing key', { ...minimal, workspace: undefined }],
    ['a number out of bounds', { ...minimal, lock_wait: 61 }],
    ['a word that is none of those there are', { ...minimal, services: { a: { restart: 'sometimes' } } }],
  ])('marks %s', (_what, catalog) => {
    expect(isCatalog(JSON.parse(JSON.stringify(catalog)))).toBe(false);
  });
});
