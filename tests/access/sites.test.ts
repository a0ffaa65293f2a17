import { createConnection, createServer } from 'node:net';
import { hostname } from 'node:os';
import { httpSchema } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { rig, until } from '../api/rig.js';
import { ask } from '../http-docs/ask.js';
import { freePort } from '../free-port.js';
import { codeOf, tcpRig } from './tcp-rig.js';

const stop = { method: 'POST', path: '/api/stop-all' } as const;

describe('who asks by a name that is not the robot’s', () => {
  it.each([
    'evil.example',
    'evil.example:8080',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'a b',
    'x@127.0.0.1',
    '[::1',
    'http://localhost',
  ])('%j is refused, even where anyone may ask', async (host) => {
    await using robot = await tcpRig();
    for (const path of ['/api/state', '/', '/openapi.json', '/services/', '/nowhere']) {
      const answer = await robot.ask({ path, headers: { Host: host } });
      expect(answer.status, path).toBe(host === '' || host.includes(' ') ? answer.status : 421);
      if (answer.status !== 400) expect(codeOf(answer)).toBe('host-refused');
    }
  });

  it.each(['GET /api/state HTTP/1.1\r\nHost:\r\n\r\n', 'GET /api/state HTTP/1.0\r\n\r\n'])(
    '%j is refused',
    async (bytes) => {
      await using robot = await tcpRig();
      const socket = createConnection({ port: robot.port, host: '127.0.0.1' });
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      socket.end(bytes);
      await new Promise((resolve) => socket.once('close', resolve));
      expect(text).toMatch(/^HTTP\/1\.1 421 /);
    },
  );

  it('its own names, its addresses and those of the catalog are good, on any port', async () => {
    await using robot = await tcpRig({ names: ['omega1.lan'] });
    const token = await robot.token('viewer');
    for (const host of [
      'localhost',
      '127.0.0.1:9',
      '[::1]:8080',
      '192.168.7.9',
      'LOCALHOST:1',
      'localhost.',
      hostname(),
      `${hostname()}.local`,
      'omega1.lan:8080',
    ])
      expect((await robot.ask({ path: '/api/state', headers: { Host: host } }, token)).status, host).toBe(
        200,
      );
  });

  it('but an account of the robot counts only by what means this machine everywhere', async () => {
    await using robot = await tcpRig({ names: ['omega1.lan'] });
    const status = async (host: string) =>
      (await robot.ask({ path: '/api/session', headers: { Host: host } })).status;
    for (const host of ['localhost', '127.0.0.1:9', '[::1]:8080', 'LOCALHOST:1', 'localhost.'])
      expect(await status(host), host).toBe(200);
    for (const host of ['192.168.7.9', hostname(), `${hostname()}.local`, 'omega1.lan:8080'])
      expect(await status(host), host).toBe(401);
  });
});

describe('a page of another site', () => {
  it.each([
    [{ Origin: 'http://evil.example' }],
    [{ Origin: 'null' }],
    [{ Origin: 'http://localhost:3000' }],
    [{ Origin: 'https://localhost' }],
    [{ 'Sec-Fetch-Site': 'cross-site' }],
    [{ 'Sec-Fetch-Site': 'same-site', 'Sec-Fetch-Mode': 'no-cors' }],
    [{ 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate' }],
  ] as Record<string, string>[][])('%j commands nothing', async (headers) => {
    await using robot = await tcpRig();
    await robot.client.start('nav');
    const answer = await robot.ask({ ...stop, headers: { Host: 'localhost', ...headers } });
    expect([answer.status, codeOf(answer)]).toEqual([403, 'origin-refused']);
    expect((await robot.client.active()).active).toBe('nav');
    expect((await robot.client.audit(1))[0]).toMatchObject({ decision: 'refused', code: 'origin-refused' });
  });

  it('may lead to the robot’s page, and the robot’s own page may command', async () => {
    await using robot = await tcpRig();
    const link = { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'navigate', Accept: 'text/html' };
    expect((await robot.ask({ path: '/', headers: link })).status).toBe(302);
    const own = { Host: 'localhost:8080', Origin: 'http://localhost:8080', 'Sec-Fetch-Site': 'same-origin' };
    expect((await robot.ask({ ...stop, headers: own })).status).toBe(200);
  });

  it('gets no leave by CORS, and every answer says how little a browser may do with it', async () => {
    await using robot = await tcpRig();
    const preflight = await robot.ask({
      method: 'OPTIONS',
      path: '/api/stop-all',
      headers: { Origin: 'http://evil.example', 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.status).toBe(403);
    for (const path of ['/api/state', '/nowhere', '/docs', '/']) {
      const { headers } = await robot.ask({ path });
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'") as string,
      });
    }
  });
});

describe('an address', () => {
  it('that is taken is said so, keeps nothing else from working, and is had as soon as it is free', async () => {
    const port = await freePort();
    const squatter = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    await using robot = await rig(
      {},
      { tcp: httpSchema.parse({ listen: [{ address: '127.0.0.1', port }] }) },
    );
    const face = () => robot.conductor.snapshot().faces.find(({ name }) => name === 'http');
    expect(face()).toMatchObject({ state: 'failing', text: expect.stringContaining('EADDRINUSE') as string });
    expect((await robot.client.state()).faces).toHaveLength(1);
    await new Promise((resolve) => squatter.close(resolve));
    await until('the port is served', () => face()?.state === 'on');
    expect((await ask(port, { path: '/api/state' })).status).toBe(200);
    expect(robot.log.faults()).toHaveLength(1);
  });

  it('that others reach is not served before there is a token, and then at once', async () => {
    const port = await freePort();
    const listen = [{ address: '0.0.0.0', port, plaintext: true }];
    await using robot = await rig({}, { tcp: httpSchema.parse({ listen }) });
    const face = () => robot.conductor.snapshot().faces.find(({ name }) => name === 'http');
    expect(face()).toMatchObject({ state: 'failing', text: expect.stringContaining('no token') as string });
    await expect(ask(port, { path: '/api/state' })).rejects.toThrow(/ECONNREFUSED/);
    await makeToken(robot.folder);
    await until('the address is served', () => face()?.state === 'on', 4_000);
    // By an account too: it is a process of this machine's root, whichever address it came by.
    expect((await ask(port, { path: '/api/state' })).status).toBe(200);
  });
});

async function makeToken(folder: string): Promise<void> {
  const { newToken } = await import('@rovi/cli/tokens');
  const { writeFile, rename } = await import('node:fs/promises');
  const { stored } = newToken({ name: 'x', role: 'viewer', now: Date.now(), expires: null });
  await writeFile(`${folder}/new`, JSON.stringify({ version: 1, tokens: [stored] }), { mode: 0o640 });
  await rename(`${folder}/new`, `${folder}/tokens.json`);
}
