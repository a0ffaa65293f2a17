import type { Socket } from 'node:net';
import { problemDetailsSchema } from '@rovi/contract';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { connect, rawExchange, readAnswer, rig, until } from './rig.js';

function request(first: string, headers: Record<string, string> = {}, body = ''): string {
  const all: Record<string, string> = { Host: 'rovi', Connection: 'close', ...headers };
  if (body !== '') all['Content-Length'] ??= String(Buffer.byteLength(body));
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`);
  return [`${first} HTTP/1.1`, ...lines, '', body].join('\r\n');
}

const json = { 'Content-Type': 'application/json' };
const start = 'POST /api/stacks/nav/start';

const wrong: readonly [what: string, bytes: string, status: number, code: string][] = [
  ['bad JSON', request(start, json, '{"reason": '), 400, 'bad-request'],
  ['a field we do not know', request(start, json, '{"force": true}'), 400, 'bad-request'],
  ['JSON of another kind', request(start, json, '[1]'), 400, 'bad-request'],
  ['a poisoned prototype', request(start, json, '{"__proto__": {"reason": "x"}}'), 400, 'bad-request'],
  ['another content type', request(start, { 'Content-Type': 'text/xml' }, '<a/>'), 415, 'bad-request'],
  [
    'a body that is too large',
    request(start, json, JSON.stringify({ reason: 'x'.repeat(20_000) })),
    413,
    'bad-request',
  ],
  ['a path nobody has', request('GET /api/sate'), 404, 'not-found'],
  ['the wrong method', request('DELETE /api/state'), 405, 'bad-request'],
  ['a GET of a command', request('GET /api/stacks/nav/start'), 405, 'bad-request'],
  ['bad percent encoding', request('GET /api/stacks/%zz'), 400, 'bad-request'],
  ['a name that is none', request('POST /api/stacks/nav%0Aevil/start'), 400, 'bad-request'],
  ['a name that is too long', request(`GET /api/stacks/${'n'.repeat(200)}`), 414, 'bad-request'],
  ['an actor of other letters', request(start, { 'X-Rovi-Actor': 'a b' }), 400, 'bad-request'],
  ['a face there is not', request(start, { 'X-Rovi-Face': 'mqtt' }), 400, 'bad-request'],
  ['a query nobody knows', request('GET /api/events?sinse=1'), 400, 'bad-request'],
  [
    'headers that are too large',
    request('GET /api/state', { 'X-Long': 'x'.repeat(9_000) }),
    431,
    'bad-request',
  ],
  ['no HTTP', 'hello\r\n\r\n', 400, 'bad-request'],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400, 'bad-request'],
  ['an expectation', request('GET /api/state', { Expect: 'the-moon' }), 417, 'bad-request'],
  [
    'two lengths',
    request(start, { ...json, 'Content-Length': '5', 'Transfer-Encoding': 'chunked' }, '{}'),
    400,
    'bad-request',
  ],
];

it.each(wrong)('answers %s with a problem document', async (_, bytes, status, code) => {
  await using robot = await rig();
  const answer = readAnswer(await rawExchange(robot.socketPath, bytes));
  expect(answer.head).toMatch(/content-type: application\/problem\+json/i);
  const problem = problemDetailsSchema.parse(JSON.parse(answer.body));
  expect(problem).toMatchObject({ status, code });
  expect(problem.mend).not.toBe('');
  expect(answer.status).toBe(status);
  expect(await robot.client.active()).toMatchObject({ active: null });
  expect(robot.log.faults()).toEqual([]);
});

it('helps with a wrong path and a wrong method', async () => {
  await using robot = await rig();
  const lost = readAnswer(await rawExchange(robot.socketPath, request('GET /api/sate')));
  expect(JSON.parse(lost.body)).toMatchObject({
    instance: '/api/sate',
    mend: expect.stringContaining('GET /api/state') as string,
  });
  const method = readAnswer(await rawExchange(robot.socketPath, request('PUT /api/stop-all')));
  expect(method.head).toContain('allow: POST');
});

it('takes a command without a body, and with an empty one', async () => {
  await using robot = await rig();
  for (const headers of [{}, { ...json, 'Content-Length': '0' }]) {
    const answer = readAnswer(await rawExchange(robot.socketPath, request('POST /api/stop-all', headers)));
    expect(answer.status).toBe(200);
  }
});

it('lives through random bytes', async () => {
  await using robot = await rig();
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc
      .array(
        fc.oneof(
          fc.constantFrom(
            'GET ',
            'POST ',
            '/api/events',
            '/api/state',
            ' HTTP/1.1',
            '\r\n',
            '\r\n\r\n',
            'Host: x',
          ),
          fc.constantFrom(
            'Content-Length: 99999999999',
            'Transfer-Encoding: chunked',
            'ffffffff',
            '0',
            '\0',
            '{',
          ),
          fc.constantFrom('Upgrade: websocket', 'Connection: upgrade', 'CONNECT a:1', 'Last-Event-ID: a:9'),
          fc.string({ maxLength: 20 }),
        ),
        { maxLength: 14 },
      )
      .map((parts) => new TextEncoder().encode(parts.join(''))),
  );
  await fc.assert(
    fc.asyncProperty(bytes, fc.constantFrom('end', 'destroy', 'hang'), async (sent, leave) => {
      const socket = await connect(robot.socketPath);
      socket.on('data', () => undefined);
      await new Promise((resolve) => socket.write(sent, resolve));
      if (leave === 'end') socket.end();
      if (leave === 'destroy') socket.destroy();
      expect(await robot.client.health()).toMatchObject({ version: '1.2.3' });
      socket.destroy();
    }),
    { numRuns: 200 },
  );
  expect(robot.log.faults()).toEqual([]);
});

it('answers every well-formed request with JSON of ours', async () => {
  await using robot = await rig();
  const segment = fc.oneof(
    fc.constantFrom('api', 'stacks', 'nav', 'state', 'logs', 'operations', 'start', 'active', 'health', ''),
    fc.string({ maxLength: 8, unit: 'grapheme' }).map(encodeURIComponent),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND'),
      fc.array(segment, { maxLength: 5 }),
      fc.string({ maxLength: 20, unit: 'grapheme' }).map(encodeURIComponent),
      fc.oneof(fc.json(), fc.string({ maxLength: 50 })),
      async (method, path, query, body) => {
        const bytes = request(`${method} /${path.join('/')}?${query}`, json, body);
        const answer = readAnswer(await rawExchange(robot.socketPath, bytes));
        expect(answer.status).toBeGreaterThanOrEqual(200);
        expect(answer.status).not.toBe(500);
        const parsed = JSON.parse(answer.body) as unknown;
        if (answer.status >= 400) expect(problemDetailsSchema.parse(parsed).mend).not.toBe('');
      },
    ),
    { numRuns: 200 },
  );
  expect(robot.log.faults()).toEqual([]);
});

it('closes what exceeds the bound of connections, and serves again when they are gone', async () => {
  await using robot = await rig();
  const sockets: Socket[] = [];
  const connectMore = async () =>
    sockets.push(...(await Promise.all(Array.from({ length: 400 }, () => connect(robot.socketPath)))));
  for (let round = 0; round < 3; round += 1) {
    await connectMore();
    expect(await robot.client.health()).toMatchObject({ version: '1.2.3' });
  }
  await connectMore();
  for (const socket of sockets) socket.resume();
  await until('the rest is closed', () => sockets.filter(({ closed }) => closed).length >= 1600 - 1536);
  expect(sockets.filter(({ closed }) => !closed).length).toBeGreaterThan(0);
  for (const socket of sockets) socket.destroy();
  await until('all are gone', () => sockets.every(({ closed }) => closed));
  expect(await robot.client.health()).toMatchObject({ version: '1.2.3' });
});

it('closes a connection that says nothing', async () => {
  await using robot = await rig();
  const socket = await connect(robot.socketPath);
  socket.write('POST /api/stop-all HTTP/1.1\r\nHost');
  socket.resume();
  await until('it is closed', () => socket.closed, 60_000);
});
