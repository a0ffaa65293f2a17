import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { httpSchema } from '@rovi/contract';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { rig, until } from '../api/rig.js';
import { freePort } from './free-port.js';

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
  expect(heard.at(-1)).toBe('dropped');
  expect(await closed).toBe(4503);
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
