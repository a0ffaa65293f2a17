import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { until } from '../api/rig.js';
import { codeOf, tcpRig } from './tcp-rig.js';

// What one connection may hold of the gateway: whatever it asks for without reading, all of it ends with the connection.

const NAV_LOG = '/api/stacks/nav/logs';

/** A connection on which these are asked one after the other, in one go, and no answer is read. */
async function askedAtOnce(port: number, token: string, paths: readonly string[]): Promise<Socket> {
  const socket = createConnection({ port, host: '127.0.0.1' });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.pause();
  const head = ['HTTP/1.1', 'Host: localhost', `Authorization: Bearer ${token}`, '', ''].join('\r\n');
  socket.write(paths.map((path) => `GET ${path} ${head}`).join(''));
  return socket;
}

it('streams that wait behind others on a connection end with it', async () => {
  await using robot = await tcpRig();
  const token = await robot.token('viewer');
  const follow = Array.from({ length: 8 }, () => `${NAV_LOG}?follow=1`);
  const socket = await askedAtOnce(robot.port, token, follow);
  await until('all of them', () => robot.journal.followers === follow.length);
  socket.resetAndDestroy();
  await until('their end', () => robot.journal.followers === 0);
});

it('answers that nobody reads keep their places, and are not kept for long', async () => {
  await using robot = await tcpRig({}, { answerMs: 8_000 });
  const token = await robot.token('viewer');
  for (let line = 0; line < 500; line += 1) robot.journal.append('rovi-nav.service', 'x'.repeat(16_000));
  const many = Array.from({ length: 12 }, () => askedAtOnce(robot.port, token, [`${NAV_LOG}?lines=1000`]));
  const sockets = await Promise.all(many);
  const small = { path: `${NAV_LOG}?lines=1` };
  let text = '';
  await expect
    .poll(async () => {
      const answer = await robot.askFromAfar(small, token);
      ({ text } = answer);
      return answer.status;
    })
    .toBe(503);
  expect(codeOf({ text })).toBe('too-many-clients');
  // Who stands beside the robot reads them all the same.
  expect(await robot.client.logs('nav', { lines: 1 })).toHaveLength(1);
  await expect
    .poll(async () => (await robot.askFromAfar(small, token)).status, { timeout: 20_000 })
    .toBe(200);
  for (const socket of sockets) socket.destroy();
});
