import fc from 'fast-check';
import { expect, it } from 'vitest';

import { ask } from './ask.js';
import { Description } from './described.js';
import { servingRig } from './serving-rig.js';

/** What a value in a query can be that no author thinks of. */
const value = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '-1',
    '1e9',
    'NaN',
    '0x10',
    'true',
    '1',
    'latest',
    'topic',
    'node',
    '/scan',
    '__proto__',
  ),
  fc.constantFrom('99999999999999999999', '%00', '%2e%2e%2f', '%', '%zz', '[]', '{}', "';--", '\u202e'),
  fc.integer().map(String),
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc.string({ maxLength: 600 }),
);

it('answers hostile queries, and never with a fault of its own', async () => {
  await using robot = await servingRig({ fleet: true });
  const description = await Description.of(robot.socketPath);
  const reads = [...description.operations].filter(([route]) => route.startsWith('GET '));
  const question = fc.constantFrom(...reads).chain(([route, { parameters = [] }]) => {
    const names = parameters.filter((one) => one.in === 'query').map(({ name }) => name);
    const word = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom('kind', ...names) },
      { weight: 1, arbitrary: fc.constantFrom('__proto__', 'constructor', 'a[b]', '') },
    );
    return fc.record({
      route: fc.constant(route),
      name: fc.oneof({ weight: 3, arbitrary: fc.constant('nav') }, { weight: 1, arbitrary: value }),
      query: fc.array(fc.tuple(word, value), { maxLength: 5 }),
      encoded: fc.boolean(),
    });
  });
  await fc.assert(
    fc.asyncProperty(question, async ({ route, name, query, encoded }) => {
      const written = query.map(([word, text]) => `${word}=${encoded ? encodeURIComponent(text) : text}`);
      const path = route.slice(4).replace(/\{\w+\}/, encodeURIComponent(name));
      // What node:http itself would not send is encoded byte by byte.
      const target = `${path}?${written.join('&')}`.replace(/[^\x21-\x7e]/gu, (one) =>
        encodeURIComponent(one),
      );
      const answer = await ask(robot.socketPath, { path: target });
      expect(answer.status, target).toBeLessThan(500);
      if (answer.status !== 404 || !answer.text.includes('in this API'))
        expect(description.faultsOf(route, answer), target).toEqual([]);
    }),
    { numRuns: 200 },
  );
  expect(robot.log.faults()).toEqual([]);
});
