import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { CLOSE } from '@rovi/contract';
import type { Problem } from '@rovi/contract';
import fastify from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { SOCKET_CALLER, setCaller } from '../access/caller.js';
import { STREAM_OPTIONS, frameOf } from '../event-stream.js';
import { HttpFault, faultOf } from '../fault.js';
import { OpenStreams } from '../open-streams.js';
import { replyProblem } from '../problem.js';
import { UpgradableRequest, Upgrades } from './upgrades.js';

// Hooks as the face has them, on a server of this test's own: what a handshake meets on its way to the route.

const REVOKED: Problem = { code: 'token-rejected', message: 'the token was revoked', mend: '', context: {} };

let folder: string;
let socketPath: string;
let met: string[];
let app: ReturnType<typeof build>;
let streams: OpenStreams;

function build() {
  const upgrades = new Upgrades();
  const made = fastify({ http: { IncomingMessage: UpgradableRequest } });
  upgrades.attach(
    made.server,
    (request, response) => made.routing(request, response),
    () => false,
  );
  made.addHook('onRequest', async (request) => {
    met.push('onRequest');
    // Whoever asks is looked up first, which can take a turn or more.
    await new Promise((resolve) => setImmediate(resolve));
    const { who } = request.headers;
    if (who === 'nobody') throw new HttpFault(401, 'token-required', 'Who asks?', { mend: 'Say so.' });
    if (typeof who === 'string') setCaller(request, { ...SOCKET_CALLER, key: who });
  });
  made.addHook('preValidation', (request, _reply, done) => {
    met.push('preValidation');
    done(request.headers['who'] === 'viewer' ? new HttpFault(403, 'role-insufficient', 'No.') : undefined);
  });
  made.setErrorHandler((error, _request, reply) => replyProblem(reply, faultOf(error)));
  made.get('/events', (request, reply) => {
    if (upgrades.has(request))
      streams.openSocket(request, reply, upgrades).begin([Buffer.from('"first"')], 1);
    else streams.open(request, reply).begin([frameOf('first', null)]);
    return reply;
  });
  return made;
}

beforeEach(async () => {
  folder = await mkdtemp('/tmp/rovi-upgrades-');
  socketPath = join(folder, 'socket');
  met = [];
  streams = new OpenStreams({ limit: 10, reserved: 0 }, 'streams', STREAM_OPTIONS);
  app = build();
  await app.listen({ path: socketPath });
});

afterEach(async () => {
  streams.dropOwned(() => true, REVOKED, CLOSE.stopping);
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

/** A WebSocket of this client, and the first message on it. */
async function connected(headers: Record<string, string>): Promise<WebSocket> {
  const webSocket = new WebSocket(`ws+unix:${socketPath}:/events`, { headers });
  await once(webSocket, 'message');
  return webSocket;
}

/** The status and body that a handshake was answered with in place of an upgrade. */
async function refused(headers: Record<string, string>): Promise<[number | undefined, unknown]> {
  const webSocket = new WebSocket(`ws+unix:${socketPath}:/events`, { headers });
  const [, response] = (await once(webSocket, 'unexpected-response')) as [unknown, IncomingMessage];
  const body = (await response.setEncoding('utf8').toArray()).join('');
  return [response.statusCode, JSON.parse(body)];
}

it('leads a handshake through the hooks of every request', async () => {
  (await connected({ who: 'ann' })).close();
  expect(met).toEqual(['onRequest', 'preValidation']);
});

it('answers with what a hook refuses, and makes no WebSocket', async () => {
  expect(await refused({ who: 'nobody' })).toMatchObject([401, { code: 'token-required', mend: 'Say so.' }]);
  expect(met).toEqual(['onRequest']);
  expect(await refused({ who: 'viewer' })).toMatchObject([403, { code: 'role-insufficient' }]);
  expect(streams.size).toBe(0);
});

it('ends the streams of one owner, whatever their kind, and no others', async () => {
  const [ann, bob, nobody] = await Promise.all([
    connected({ who: 'ann' }),
    connected({ who: 'bob' }),
    connected({}),
  ]);
  const asked = httpRequest({ socketPath, path: '/events', headers: { who: 'ann' } }).end();
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  expect(streams.size).toBe(4);
  const heard: string[] = [];
  ann.on('message', (data: Buffer) => heard.push(data.toString()));
  streams.dropOwned((owner) => owner === 'ann', REVOKED, CLOSE.accessEnded);
  const [code] = (await once(ann, 'close')) as [number];
  expect(code).toBe(CLOSE.accessEnded);
  expect(heard.map((text) => JSON.parse(text) as unknown)).toEqual([{ type: 'dropped', problem: REVOKED }]);
  const text = (await response.setEncoding('utf8').toArray()).join('');
  expect(text).toContain('event: dropped\ndata: {"code":"token-rejected"');
  expect(streams.size).toBe(2);
  streams.dropOwned((owner) => owner === null, REVOKED, CLOSE.accessEnded);
  await once(nobody, 'close');
  expect(bob.readyState).toBe(WebSocket.OPEN);
});
