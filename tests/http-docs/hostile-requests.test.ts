import { roles } from '@rovi/contract';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { tcpRig } from '../access/tcp-rig.js';
import type { Question } from './ask.js';
import { Description } from './described.js';

// Requests to every route that the document names, over TCP, by each role and by nobody: with bodies and headers that
// no author thinks of. Whatever comes, it is answered, as described.

const odd = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    'null',
    '1e999',
    '\u202e',
    '__proto__',
    '%00',
    '../..',
    '{}',
    'a, b',
    'x'.repeat(600),
  ),
  fc.string({ maxLength: 60 }),
);

const text = fc.oneof(
  odd,
  fc.string({ maxLength: 700, unit: 'binary' }),
  fc.constantFrom('"', '\\', '\u0000', '\u001b[2J', '{"msg":"audit"}', '\ud800'),
);

const body = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ reason: text }, { requiredKeys: [] }).map((one) => JSON.stringify(one)),
  },
  { weight: 2, arbitrary: fc.record({ confirm: text, reason: text }).map((one) => JSON.stringify(one)) },
  { weight: 2, arbitrary: fc.json({ maxDepth: 4 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 200, unit: 'binary' }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('[', '['.repeat(8_000), '{"__proto__":{"reason":"x"}}', ' '.repeat(17_000)),
  },
);

/** What node:http would refuse to send is left out of a header's value. */
const value = odd.map((one) => one.replace(/[^\t\x20-\x7e\x80-\xff]/g, ''));

const header = fc.oneof(
  fc.tuple(
    fc.constantFrom(
      'X-Rovi-Actor',
      'X-Rovi-Face',
      'Prefer',
      'Accept',
      'Last-Event-ID',
      'If-None-Match',
      'Range',
    ),
    value,
  ),
  fc.tuple(fc.constantFrom('Origin', 'Sec-Fetch-Site', 'Sec-WebSocket-Protocol', 'Accept-Encoding'), value),
  fc.tuple(
    fc.constantFrom('Host'),
    fc.constantFrom('localhost', '[::1]', 'evil.example', '', 'localhost:0', '[::1%lo]'),
  ),
  fc.tuple(
    fc.constantFrom('Content-Type'),
    fc.constantFrom(
      'text/plain',
      'application/json; charset=utf-16',
      'application/x-www-form-urlencoded',
      ';',
      '',
    ),
  ),
  fc.tuple(
    fc.constantFrom('Content-Encoding', 'X-HTTP-Method-Override', 'X-Original-URL'),
    fc.constantFrom('gzip', '/'),
  ),
  fc.tuple(fc.constantFrom('Upgrade'), fc.constantFrom('h2c', 'websocket')),
);

it('answers hostile requests of every role, and never with a fault of its own', async () => {
  await using robot = await tcpRig();
  const description = await Description.of(robot.socketPath);
  const tokens = new Map(
    await Promise.all(roles.map(async (role) => [role, await robot.token(role)] as const)),
  );
  const request = fc.record({
    route: fc.constantFrom(...description.operations.keys()),
    who: fc.constantFrom(undefined, ...roles),
    name: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom('nav', 'teleop', 'gateway') },
      { weight: 1, arbitrary: text.map((one) => Buffer.from(one).toString()) },
    ),
    body,
    headers: fc.array(header, { maxLength: 4 }),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ route, who, name, body: sent, headers }) => {
      const [method = '', pattern = ''] = route.split(' ');
      const question: Question = {
        method,
        path: pattern.replace(/\{\w+\}/, encodeURIComponent(name)),
        headers: { 'Content-Type': 'application/json', ...Object.fromEntries(headers) },
        ...(method === 'POST' ? { body: sent } : {}),
      };
      // An answer to a WebSocket handshake is none to a request.
      const isHandshake = question.headers?.['Upgrade'] === 'websocket';
      const token = who === undefined ? undefined : tokens.get(who);
      const answer = await robot.askFromAfar(question, token);
      const about = JSON.stringify([who, question, answer.text.slice(0, 500)]);
      if (answer.status >= 500) expect(answer.text, about).toMatch(/"code":"(?!internal)/);
      const isElsewhere = answer.status === 404 && answer.text.includes('in this API');
      if (!isHandshake && !isElsewhere) expect(description.faultsOf(route, answer), about).toEqual([]);
      if (who === undefined)
        expect([200, 302, 304, 400, 401, 403, 404, 413, 414, 417, 421], about).toContain(answer.status);
    }),
    { numRuns: 400, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
  );
  expect(robot.log.faults()).toEqual([]);
  // It still does what it is for.
  await robot.client.stopAll();
  expect((await robot.client.active()).active).toBeNull();
});
