import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request } from 'node:https';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { httpSchema } from '@rovi/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { rig, until } from '../api/rig.js';
import { freePort } from '../free-port.js';

let folder: string;
let certificate: string;
let key: string;

beforeAll(async () => {
  folder = await mkdtemp('/tmp/rovi-tls-');
  [certificate, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'],
    ...['-out', certificate, '-keyout', key],
  ]);
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function secureRig(tls = { certificate, key }) {
  const port = await freePort();
  const tcp = httpSchema.parse({ listen: [{ address: '127.0.0.1', port, tls }] });
  return { port, ...(await rig({}, { tcp })) };
}

/** Status of one request, the certificate checked. */
async function ask(port: number, headers: Record<string, string> = {}, method = 'GET'): Promise<number> {
  const ca = await readFile(certificate);
  return new Promise((resolve, reject) => {
    const path = method === 'GET' ? '/api/state' : '/api/stop-all';
    const asked = request({ host: 'localhost', port, path, method, ca, headers, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}

it('serves requests and WebSockets, and knows a page of its own by https', async () => {
  await using robot = await secureRig();
  const face = () => robot.conductor.snapshot().faces.find(({ name }) => name === 'http');
  expect(face()).toMatchObject({ state: 'on', text: `serves https://127.0.0.1:${String(robot.port)}` });
  expect(await ask(robot.port)).toBe(200);
  const host = `localhost:${String(robot.port)}`;
  expect(await ask(robot.port, { Origin: `https://${host}` }, 'POST')).toBe(200);
  expect(await ask(robot.port, { Origin: `http://${host}` }, 'POST')).toBe(403);
  const heard: string[] = [];
  const socket = new WebSocket(`wss://${host}/api/events`, 'rovi.events.v1', {
    ca: await readFile(certificate),
    origin: `https://${host}`,
  });
  socket.on('message', (data: Buffer) => heard.push((JSON.parse(data.toString()) as { type: string }).type));
  await until('the snapshot', () => heard.includes('snapshot'));
  await robot.client.start('nav');
  await until('news', () => heard.includes('stack'));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await robot.face.stop();
  expect(await closed).toBe(4503);
  expect(heard.at(-1)).toBe('dropped');
  expect(robot.log.faults()).toEqual([]);
});

it('answers plain HTTP with nothing, and goes on', async () => {
  await using robot = await secureRig();
  const plain = new Promise((resolve, reject) => {
    httpRequest({ host: '127.0.0.1', port: robot.port, path: '/api/state', agent: false }, resolve)
      .on('error', reject)
      .end();
  });
  await expect(plain).rejects.toThrow();
  expect(await ask(robot.port)).toBe(200);
});

it('writes down where a command came from, also of a client that is gone by then', async () => {
  await using robot = await secureRig();
  for (let count = 0; count < 20; count += 1) {
    const raw = createConnection({ port: robot.port, host: '127.0.0.1' });
    const secure = connect({ socket: raw, rejectUnauthorized: false });
    for (const one of [raw, secure]) one.on('error', () => undefined);
    await once(secure, 'secureConnect');
    secure.write('POST /api/stop-all HTTP/1.1\r\nHost: localhost\r\nVia: 1.1 a-proxy\r\n\r\n', () => {
      if (count % 2 === 0) raw.resetAndDestroy();
      else setImmediate(() => raw.resetAndDestroy());
    });
    await once(raw, 'close');
  }
  expect(await ask(robot.port, {}, 'POST')).toBe(200);
  const entries = await robot.client.audit(50);
  expect(entries.at(-1)).toMatchObject({ command: 'stop-all', decision: 'ended' });
  const from = { transport: 'tcp', peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string };
  for (const { origin } of entries) expect(origin).toMatchObject(from);
});

it('lets an answer be finished when it stops', async () => {
  await using robot = await secureRig();
  robot.model.behaviours.set('rovi-nav.service', { start: 'works', stopMs: 1_000 });
  await robot.client.start('nav');
  const answer = ask(robot.port, {}, 'POST');
  await until('the stop', () => robot.conductor.operations().some(({ kind }) => kind === 'stop-all'));
  await robot.face.stop();
  expect(await answer).toBe(200);
});

it('cuts off who does not shake hands', async () => {
  await using robot = await secureRig();
  const silent = createConnection({ port: robot.port, host: '127.0.0.1' });
  await once(silent, 'connect');
  silent.resume();
  await once(silent, 'close', { signal: AbortSignal.timeout(60_000) });
  expect(await ask(robot.port)).toBe(200);
});

it.each([
  ['a key that is not there', { certificate: '', key: '/nowhere/key.pem' }, /key\.pem cannot be read/],
  ['a key of another certificate', { certificate: '', key: 'other' }, /certificate|key/i],
  ['a file that is no certificate', { certificate: 'text', key: '' }, /certificate|PEM/i],
])('is not served with %s, and says so', async (_what, given, why) => {
  await writeFile(join(folder, 'text.pem'), 'no certificate');
  if (given.key === 'other') {
    await promisify(execFile)('openssl', [
      ...['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', join(folder, 'other.pem')],
    ]);
  }
  await using robot = await secureRig({
    certificate: given.certificate === 'text' ? join(folder, 'text.pem') : certificate,
    key: given.key === 'other' ? join(folder, 'other.pem') : given.key === '' ? key : given.key,
  });
  const face = robot.conductor.snapshot().faces.find(({ name }) => name === 'http');
  expect(face).toMatchObject({ state: 'failing', text: expect.stringMatching(why) as string });
  expect((await robot.client.state()).known).toBe(true);
  expect(JSON.stringify(robot.log.lines)).toContain('tls-unusable');
});
