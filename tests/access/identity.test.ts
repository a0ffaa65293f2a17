import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import { once } from 'node:events';
import { createConnection } from 'node:net';
import process from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { until } from '../api/rig.js';
import { freePort } from './free-port.js';
import { NOBODY, tcpRig } from './tcp-rig.js';

/** Connects from a port, then does the next thing for each line that it is told: sends a command, resets the connection. */
const HIT_AND_RUN = `
const [port, localPort] = process.argv.slice(1).map(Number);
const socket = require('node:net').connect({ port, host: '127.0.0.1', localPort, localAddress: '127.0.0.1' });
const say = (word) => () => console.log(word);
const steps = [
  () => socket.write('POST /api/stacks/nav/start HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n', say('sent')),
  () => socket.resetAndDestroy().once('close', say('gone')),
];
socket.once('connect', say('connected'));
process.stdin.on('data', () => steps.shift()());
`;

/** Keeps every thread that reads files busy, as a crowd of connections does. */
async function keepThreadsBusy(): Promise<void> {
  const one = (): Promise<Buffer> => promisify(pbkdf2)('', '', 500_000, 64, 'sha512');
  await Promise.all(Array.from({ length: 8 }, one));
}

async function heard({ stdout }: ChildProcessByStdio<Writable, Readable, null>): Promise<string> {
  const [chunk] = (await once(stdout, 'data')) as [Buffer];
  return chunk.toString().trim();
}

it('is not that of who has the port of a client that is gone', async () => {
  await using robot = await tcpRig();
  const localPort = await freePort();
  const stranger = spawn(process.execPath, ['-e', HIT_AND_RUN, String(robot.port), String(localPort)], {
    uid: NOBODY,
    gid: NOBODY,
    cwd: '/',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  expect(await heard(stranger)).toBe('connected');
  let over = false;
  const busy = keepThreadsBusy().finally(() => (over = true));
  stranger.stdin.write('send\n');
  expect(await heard(stranger)).toBe('sent');
  await until('a look at whose it is', () => process.getActiveResourcesInfo().includes('FSReqPromise'));
  stranger.stdin.end('reset\n');
  expect(await heard(stranger)).toBe('gone');
  // Root, who may, comes from the very port; and only then the gateway sees who has it.
  const root = createConnection({
    port: robot.port,
    host: '127.0.0.1',
    localAddress: '127.0.0.1',
    localPort,
  });
  await once(root, 'connect');
  expect(over).toBe(false);
  await busy;
  await expect.poll(() => robot.client.audit(5)).toHaveLength(1);
  expect(await robot.client.audit(5)).toMatchObject([
    { decision: 'refused', command: 'start', code: 'token-required' },
  ]);
  expect(robot.conductor.operations()).toEqual([]);
  root.destroy();
});
