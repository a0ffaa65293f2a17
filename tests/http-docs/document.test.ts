import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import { errorCodes } from '@rovi/contract';
import { expect, it } from 'vitest';
import { rig } from '../api/rig.js';
import { Description } from './described.js';
import { QUESTIONS } from './questions.js';

it('is an OpenAPI 3.1 document', async () => {
  await using robot = await rig();
  const { document } = await Description.of(robot.socketPath);
  expect(document.openapi).toMatch(/^3\.1\./);
  const validator = new Validator();
  const plain = JSON.parse(JSON.stringify(document)) as Parameters<Validator['validate']>[0];
  const { valid, errors } = await validator.validate(plain);
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  expect(validator.version).toBe('3.1');
});

it('names each route once, with all that a reader needs', async () => {
  await using robot = await rig();
  const { operations } = await Description.of(robot.socketPath);
  const ids = [...operations.values()].map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [route, { summary, parameters = [], requestBody, responses }] of operations) {
    expect(summary, route).not.toBe('');
    const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
    expect(inPath, route).toEqual([...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
    expect(
      inPath.every((name) => parameters.find((one) => one.name === name)?.required),
      route,
    ).toBe(true);
    const isCommand = /^POST \/(?:api\/(?:st|services\/)|execute)/.test(route);
    const isRequest = /^POST \/(?:api\/(?:maintenance|recover|reload|fleet)|ticket|estop)/.test(route);
    expect(requestBody !== undefined, route).toBe(isCommand || isRequest);
    const headers = parameters.filter((one) => one.in === 'header').map(({ name }) => name);
    if (isRequest) expect(headers, route).toEqual(['X-Rovi-Actor', 'X-Rovi-Face']);
    if (isCommand) expect(headers, route).toEqual(['X-Rovi-Actor', 'X-Rovi-Face', 'Prefer']);
    const good = { 'POST /ticket': '201', 'POST /api/fleet/runs': '202' }[route] ?? '200';
    expect(Object.keys(responses), route).toContain(good);
    expect(Object.keys(responses), route).toEqual(expect.arrayContaining(['400', '500', '503']));
  }
});

it('has a question for each route, and each question has its route', async () => {
  await using robot = await rig();
  const { operations } = await Description.of(robot.socketPath);
  expect([...operations.keys()].sort()).toEqual(Object.keys(QUESTIONS).sort());
});

it('names the routes of docs/api.md, and no others', async () => {
  await using robot = await rig();
  const { operations } = await Description.of(robot.socketPath);
  const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
  const table = /## Routes\n([\s\S]*?)\n## /.exec(page)?.[1] ?? '';
  const written = [...table.matchAll(/^\| `(GET|POST) ([^`?]+)[^`]*`((?:, `\/[\w-]+`)*) \|/gm)].flatMap(
    ([, method = '', path = '', more = '']) => [
      `${method} ${path}`,
      ...[...more.matchAll(/`(\/[\w-]+)`/g)].map(
        ([, last = '']) => `${method} ${path.replace(/\/[\w-]+$/, last)}`,
      ),
    ],
  );
  expect(written.sort()).toEqual([...operations.keys()].sort());
});

it('refuses with codes of ours alone', async () => {
  await using robot = await rig();
  const { document } = await Description.of(robot.socketPath);
  const codes = [...JSON.stringify(document).matchAll(/"code":\{"enum":(\[[^\]]*\])/g)].flatMap(
    ([, list = '[]']) => JSON.parse(list) as string[],
  );
  expect(codes.length).toBeGreaterThan(0);
  expect(codes.filter((code) => !(errorCodes as readonly string[]).includes(code))).toEqual([]);
});
