import { rm } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { ask } from './ask.js';
import { Description } from './described.js';
import { servingRig } from './serving-rig.js';

const get = (port: number, path: string, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${String(port)}${path}`, { headers, redirect: 'manual' });

it('is one page for all of its views, and each file for itself', async () => {
  await using robot = await servingRig();
  for (const path of ['/services', '/services/', '/services/graph', '/services/logs/nav']) {
    const answer = await get(robot.port, path);
    expect(await answer.text(), path).toContain('<title>a page</title>');
    expect(answer.headers.get('cache-control')).toBe('no-cache');
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
  }
  const script = await get(robot.port, '/services/assets/page-1a2b.js');
  expect(await script.text()).toBe('export {};');
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('cache-control')).toContain('immutable');
  for (const path of ['/services/assets/gone.js', '/services/../package.json', '/services/%2e%2e/x.json'])
    expect((await get(robot.port, path)).status, path).toBe(404);
});

it('is where a browser that opens the robot is led, as described; others are told how the robot is', async () => {
  await using robot = await servingRig();
  const description = await Description.of(robot.socketPath);
  for (const [accept, status] of [
    ['text/html,application/xhtml+xml;q=0.9,*/*;q=0.8', 302],
    ['*/*', 200],
    ['application/json', 200],
  ] as const) {
    const answer = await ask(robot.port, { path: '/', headers: { Accept: accept } });
    expect([answer.status, answer.headers.vary], accept).toEqual([status, 'Accept']);
    expect(description.faultsOf('GET /', answer), accept).toEqual([]);
  }
});

it('is not sent again to who has it', async () => {
  await using robot = await servingRig();
  const etag = (await get(robot.port, '/services/')).headers.get('etag') ?? '';
  const again = await get(robot.port, '/services/', { 'If-None-Match': etag });
  expect([again.status, await again.text()]).toEqual([304, '']);
});

it('is compressed for who takes that, and whole while an upgrade replaces its files', async () => {
  await using robot = await servingRig();
  await rm(robot.webFolder, { recursive: true });
  const { get: fetchRaw } = await import('node:http');
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    fetchRaw(
      {
        port: robot.port,
        path: '/services/assets/page-1a2b.txt',
        headers: { 'Accept-Encoding': 'br, gzip' },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          response.headers['content-encoding'] === 'gzip'
            ? resolve(Buffer.concat(chunks))
            : reject(new Error('not compressed')),
        );
      },
    ).on('error', reject);
  });
  expect(gunzipSync(bytes).toString()).toBe('a'.repeat(5_000));
});
