import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, open, openSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import process from 'node:process';
import type { Readable, Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { until } from '../api/rig.js';
import { freePort } from '../free-port.js';
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

/** Keeps every thread that reads files busy, as a crowd of connections does: each opens a pipe that nobody writes to. */
async function keepThreadsBusy(): Promise<Disposable> {
  const folder = await mkdtemp('/tmp/rovi-identity-');
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  let left = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
  for (let count = left; count > 0; count -= 1) {
    open(pipe, 'r', (_error, descriptor) => {
      closeSync(descriptor);
      left -= 1;
      if (left === 0) rmSync(folder, { recursive: true });
    });
  }
  let isOver = false;
  return {
    [Symbol.dispose]: () => {
      if (isOver) return;
      isOver = true;
      // Who opens it for both waits for nobody, and is the writer that the others wait for.
      const writer = openSync(pipe, constants.O_RDWR);
      const close = (): void => void (left === 0 ? closeSync(writer) : setTimeout(close, 10));
      close();
    },
  };
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
  using busy = await keepThreadsBusy();
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
  busy[Symbol.dispose]();
  await expect.poll(() => robot.client.audit(5)).toHaveLength(1);
  expect(await robot.client.audit(5)).toMatchObject([
    { decision: 'refused', command: 'start', code: 'token-required' },
  ]);
  expect(robot.conductor.operations()).toEqual([]);
  root.destroy();
});
