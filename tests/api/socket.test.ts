import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { RoviClient } from '@rovi/client';
import { expect, it } from 'vitest';
import { connect, refusal, rig, until } from './rig.js';

it('makes a socket for owner and group, of the directory’s group, and removes only its own', async () => {
  await using robot = await rig();
  expect((await lstat(robot.socketPath)).mode & 0o777).toBe(0o660);
  expect(await readdir(robot.folder)).toEqual(['conductor.sock']);
  await robot.face.stop();
  expect(await readdir(robot.folder)).toEqual([]);
});

it.runIf(process.getuid?.() === 0)('inherits the group of a setgid directory', async () => {
  await using robot = await rig();
  await robot.face.stop();
  await chown(robot.folder, 0, 4242);
  await chmod(robot.folder, 0o2750);
  const face = robot.makeFace();
  await face.start();
  expect(await lstat(robot.socketPath)).toMatchObject({ gid: 4242 });
  await face.stop();
});

it('refuses to take the place of a live conductor, and leaves it alone', async () => {
  await using robot = await rig();
  const second = robot.makeFace();
  expect(await refusal(second.start())).toMatchObject({ code: 'conductor-running' });
  await second.stop();
  expect(await robot.client.health()).toMatchObject({ version: '1.2.3' });
});

it('takes the place of a dead one, and of nothing else', async () => {
  await using robot = await rig();
  await robot.face.stop();
  const script = `require('net').createServer().listen(${JSON.stringify(robot.socketPath)}, () => console.log('up'))`;
  const dead = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(dead.stdout, 'data');
  dead.kill('SIGKILL');
  await once(dead, 'exit');
  expect((await lstat(robot.socketPath)).isSocket()).toBe(true);
  expect(await refusal(robot.client.health())).toMatchObject({
    code: 'gateway-unreachable',
    context: { reason: 'refused' },
  });
  const face = robot.makeFace();
  await face.start();
  expect(await robot.client.health()).toMatchObject({ version: '1.2.3' });
  await face.stop();
  await writeFile(robot.socketPath, 'precious');
  expect(await refusal(robot.makeFace().start())).toMatchObject({ code: 'socket-denied' });
  expect((await lstat(robot.socketPath)).isFile()).toBe(true);
});

it('leaves a successor’s socket alone when it stops', async () => {
  await using robot = await rig();
  await rm(robot.socketPath);
  const successor = robot.makeFace();
  await successor.start();
  await robot.face.stop();
  expect(await robot.client.health()).toMatchObject({ version: '1.2.3' });
  await successor.stop();
});

it('says that the runtime directory is missing', async () => {
  await using robot = await rig();
  await robot.face.stop();
  await rm(robot.folder, { recursive: true });
  expect(await refusal(robot.makeFace().start())).toMatchObject({ code: 'lock-unavailable' });
});

it('stops within its deadline though a client waits for an operation and another says nothing', async () => {
  const took: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    await using robot = await rig();
    robot.hangs('nav');
    const silent = await connect(robot.socketPath);
    const waiting = refusal(robot.client.start('nav'));
    await until('the start is under way', () => robot.conductor.snapshot().operation !== null);
    const before = performance.now();
    await Promise.all([robot.face.stop(), robot.conductor.stop()]);
    took.push(performance.now() - before);
    expect(await waiting).toMatchObject({ code: 'operation-cancelled' });
    expect(await refusal(robot.client.health())).toMatchObject({
      code: 'gateway-unreachable',
      context: { reason: 'no-socket' },
    });
    silent.destroy();
  }
  // The best of three: what a busy machine adds is not the gateway's.
  expect(Math.min(...took)).toBeLessThan(1_000);
});

it.runIf(process.getuid?.() === 0)('tells who is not in the group', async () => {
  await using robot = await rig();
  await chmod(robot.folder, 0o755);
  // The client is loaded before the user changes: nobody cannot read root's checkout.
  const program = `
    const { RoviClient } = await import(${JSON.stringify(import.meta.resolve('@rovi/client'))});
    process.setgroups([]); process.setgid(65534); process.setuid(65534);
    await new RoviClient({ socketPath: ${JSON.stringify(robot.socketPath)} }).health()
      .catch((error) => console.log(JSON.stringify(error.toProblem())));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = (await once(child.stdout, 'data')) as [Buffer];
  expect(JSON.parse(output.toString())).toMatchObject({
    code: 'socket-denied',
    message: expect.stringContaining('rovi-ops') as string,
  });
});

it('makes nothing of the answers of a stranger', async () => {
  const folder = await mkdtemp('/tmp/rovi-api-');
  const socketPath = join(folder, 's');
  let answer: [number, string, string] = [200, 'application/json', '{}'];
  const server = createServer((_request, response) => {
    response.writeHead(answer[0], { 'content-type': answer[1] }).end(answer[2]);
  }).listen(socketPath);
  const client = new RoviClient({ socketPath });
  for (answer of [
    [200, 'application/json', '{"hello": 1}'],
    [200, 'text/html', '<h1>It works!</h1>'],
    [502, 'text/html', '<h1>Bad gateway</h1>'],
  ] as [number, string, string][]) {
    expect(await refusal(client.state())).toMatchObject({
      code: 'internal',
      mend: expect.stringMatching(/versions/) as string,
    });
    expect(await refusal(client.events().next())).toMatchObject({ code: 'internal' });
  }
  answer = [400, 'application/problem+json', '{"code": "of-tomorrow", "detail": "new", "mend": "update"}'];
  expect(await refusal(client.state())).toMatchObject({
    code: 'internal',
    message: 'new',
    mend: 'update',
    context: { foreign_code: 'of-tomorrow' },
  });
  server.close();
  await rm(folder, { recursive: true });
});

it('does not wait for one that never answers, or hangs up', async () => {
  const folder = await mkdtemp('/tmp/rovi-api-');
  const socketPath = join(folder, 's');
  let hangUp = false;
  const server = createNetServer((socket) => {
    socket.on('error', () => undefined);
    if (hangUp) socket.destroy();
  }).listen(socketPath);
  expect(server.address() as AddressInfo | string).toBe(socketPath);
  const client = new RoviClient({ socketPath });
  expect(await refusal(client.state({ timeout: 50 }))).toMatchObject({ context: { reason: 'timeout' } });
  await expect(client.state({ signal: AbortSignal.abort(new Error('mine')) })).rejects.toThrow('mine');
  hangUp = true;
  expect(await refusal(client.state())).toMatchObject({ context: { reason: 'hung-up' } });
  server.close();
  await rm(folder, { recursive: true });
});
