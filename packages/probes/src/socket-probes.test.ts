import type { Server as HttpServer } from 'node:http';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { probeKindSchema } from '@rovi/contract';
import { afterEach, describe, expect, it } from 'vitest';
import { httpProbe } from './http-probe.js';
import { ProbeRegistry } from './probe-registry.js';
import { targetOf, within } from './probe-target.fixture.js';
import { tcpProbe } from './tcp-probe.js';

const probes = new ProbeRegistry().add(tcpProbe).add(httpProbe);
const look = (spec: object, ms = 5_000) => probes.probe(probeKindSchema.parse(spec), targetOf(), within(ms));

const open: { server: Server; sockets: Set<Socket> }[] = [];

/** The port of a server that listens at loopback until the test ends. */
async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  open.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const http = (answer: Parameters<typeof createHttp>[1]): HttpServer => createHttp(answer);

/** Waits until no connection is left at any server: what a look opened is closed. */
async function quiet(): Promise<void> {
  await expect
    // Before a server would close them by itself, after five seconds.
    .poll(() => open.reduce((sum, { sockets }) => sum + sockets.size, 0), { timeout: 4_000 })
    .toBe(0);
}

afterEach(async () => {
  for (const { server, sockets } of open.splice(0)) {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('tcp', () => {
  it('is good where a server accepts, also one that never says a word, and leaves no connection', async () => {
    const port = await listening(createServer());
    const seen = await look({ type: 'tcp', port });
    expect(seen).toMatchObject({ ok: true });
    expect(seen.text).toMatch(new RegExp(`^127.0.0.1:${port} accepts connections, after [\\d.]+ ms$`));
    await quiet();
  });

  it('is a look of its own where the server resets each connection: accepted, or seen to be reset', async () => {
    const port = await listening(createServer((socket) => socket.resetAndDestroy()));
    for (let time = 0; time < 20; time += 1) {
      const { ok, text } = await look({ type: 'tcp', port });
      expect(text).toMatch(ok === true ? /accepts connections/ : /: connection reset$/);
      expect(ok).not.toBeNull();
    }
  });

  it('is bad where nobody listens', async () => {
    const server = createServer();
    const port = await listening(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await look({ type: 'tcp', port })).toEqual({
      ok: false,
      text: `127.0.0.1:${port}: connection refused`,
      figures: {},
    });
  });

  it('is bad for a name that nobody has', async () => {
    // A resolver asks twice, and waits five seconds for each answer that was lost.
    expect(await look({ type: 'tcp', host: 'nobody.invalid', port: 1 }, 60_000)).toMatchObject({
      ok: false,
      text: expect.stringMatching(
        /^nobody\.invalid:1: (unknown host name|host name cannot be resolved)$/,
      ) as string,
    });
  });

  it('ends with its signal while it waits for a connection', async () => {
    // TEST-NET-1: answers come from nobody; where there is no route the kernel says so at once.
    const took: number[] = [];
    while (took.length < 3) {
      const began = performance.now();
      const seen = await look({ type: 'tcp', host: '192.0.2.1', port: 9 }, 100);
      took.push(performance.now() - began);
      expect([null, false]).toContain(seen.ok);
    }
    // The best of three: what a busy machine adds is not the probe's.
    expect(Math.min(...took)).toBeLessThan(1_000);
  });

  it('asks each instance at its own port', async () => {
    const port = await listening(createServer());
    const seen = await probes.probe(
      { type: 'tcp', host: '127.0.0.1', port: 'web' },
      targetOf({ ports: { web: port } }),
      within(5_000),
    );
    expect(seen.ok).toBe(true);
    const lost = await probes.probe(
      { type: 'tcp', host: '127.0.0.1', port: 'web' },
      targetOf(),
      within(1_000),
    );
    expect(lost).toMatchObject({ ok: null, text: 'the probe failed: video has no port named "web"' });
  });
});

describe('http', () => {
  it('looks at the status: any from 200 to 399, or the one that is named', async () => {
    const port = await listening(
      http(({ url }, answer) => {
        answer.writeHead(Number(url?.slice(1)), { location: 'http://127.0.0.1:1/' }).end();
      }),
    );
    const at = (path: string, status?: number) =>
      look({ type: 'http', port, path, ...(status === undefined ? {} : { status }) });
    expect(await at('/200')).toMatchObject({ ok: true, figures: { status: 200 } });
    expect(await at('/302')).toMatchObject({ ok: true, figures: { status: 302 } });
    expect((await at('/503')).text).toMatch(/^HTTP 503 after [\d.]+ ms$/);
    expect(await at('/503')).toMatchObject({ ok: false, figures: { status: 503 } });
    expect(await at('/404', 404)).toMatchObject({ ok: true });
    expect(await at('/200', 204)).toMatchObject({ ok: false });
    expect((await at('/200', 204)).text).toMatch(/^HTTP 200 after [\d.]+ ms, expected 204$/);
    await quiet();
  });

  it('finds text wherever the answer is cut, in its first 64 KiB and no further', async () => {
    const port = await listening(
      http(({ url }, answer) => {
        if (url === '/cut') {
          answer.write('{"status":"he');
          setImmediate(() => answer.end('althy"}'));
        } else {
          answer.end(`${'x'.repeat(Number(url?.slice(1)))}healthy`);
        }
      }),
    );
    const at = (path: string) => look({ type: 'http', port, path, body: 'healthy' });
    expect(await at('/cut')).toMatchObject({ ok: true });
    expect(await at(`/${64 * 1024 - 7}`)).toMatchObject({ ok: true });
    expect(await at(`/${64 * 1024 - 6}`)).toMatchObject({ ok: false });
    expect((await at('/100000')).text).toMatch(/without "healthy" in the answer$/);
    await quiet();
  });

  it('does not wait for the end of a stream, with text or without', async () => {
    const port = await listening(http((_, answer) => void answer.writeHead(200).write('frame\n')));
    expect(await look({ type: 'http', port })).toMatchObject({ ok: true });
    expect(await look({ type: 'http', port, body: 'frame' })).toMatchObject({ ok: true });
    await quiet();
  });

  it('fails an answer that is slower than it may be, though it came', async () => {
    const port = await listening(http((_, answer) => void setTimeout(() => answer.end('ok'), 80)));
    const seen = await look({ type: 'http', port, max_latency: 0.04 });
    expect(seen.ok).toBe(false);
    expect(seen.text).toMatch(/expected at most 40 ms$/);
    expect(seen.figures['latency_ms']).toBeGreaterThanOrEqual(75);
    expect(await look({ type: 'http', port, max_latency: 4 })).toMatchObject({ ok: true });
  });

  it.each([
    ['says nothing', http(() => undefined)],
    ['sends a status and hangs', http((_, answer) => void answer.writeHead(200).flushHeaders())],
    ['takes all and never answers', createServer((socket) => socket.resume())],
  ])('ends with its signal where the server %s, and lets go of the connection', async (_, server) => {
    const port = await listening(server);
    const took: number[] = [];
    while (took.length < 3) {
      const began = performance.now();
      expect(await look({ type: 'http', port, body: 'x' }, 100)).toMatchObject({ ok: null });
      took.push(performance.now() - began);
    }
    expect(Math.min(...took)).toBeLessThan(1_000);
    await quiet();
  });

  it.each([
    ['resets', createServer((socket) => socket.on('data', () => socket.resetAndDestroy()))],
    ['closes without a word', createServer((socket) => socket.on('data', () => socket.end()))],
    ['speaks something else', createServer((socket) => void socket.end('SSH-2.0-OpenSSH_9.2\r\n'))],
    [
      'ends in the middle',
      createServer((socket) =>
        socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx')),
      ),
    ],
  ])('is bad where the server %s', async (_, server) => {
    const port = await listening(server);
    const seen = await look({ type: 'http', port, body: 'y' });
    expect(seen).toMatchObject({ ok: false });
    expect(seen.text).toContain(`127.0.0.1:${port}: `);
  });

  it('takes another protocol (101) as the answer that it is', async () => {
    const head = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n';
    const port = await listening(createServer((socket) => socket.on('data', () => void socket.write(head))));
    expect(await look({ type: 'http', port })).toMatchObject({ ok: false, figures: { status: 101 } });
    expect(await look({ type: 'http', port, status: 101 })).toMatchObject({ ok: true });
    await quiet();
  });

  it('does not read interim answers without end', async () => {
    const some = 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1_000);
    const server = createServer((socket) => {
      const more = (): void => void (socket.writable && socket.write(some, () => setImmediate(more)));
      socket.once('data', more);
    });
    const port = await listening(server);
    const seen = await look({ type: 'http', port }, 15_000);
    expect(seen).toMatchObject({ ok: false, text: `127.0.0.1:${port}: interim answers (1xx) without end` });
    await quiet();
  });

  it('says of a server without TLS that it has none', async () => {
    const port = await listening(createServer((socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n')));
    const seen = await look({ type: 'http', scheme: 'https', port });
    expect(seen).toMatchObject({ ok: false, text: `127.0.0.1:${port}: no TLS: wrong version number` });
  });

  it('asks over TLS, whoever signed the certificate', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rovi-probe-'));
    try {
      const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
      execFileSync(
        'openssl',
        [
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '2',
        ].concat(['-subj', '/CN=somebody', '-keyout', key, '-out', cert]),
        { stdio: 'ignore' },
      );
      const port = await listening(
        createHttps(
          { key: readFileSync(key), cert: readFileSync(cert) },
          (_, answer) => void answer.end('fine'),
        ),
      );
      expect(await look({ type: 'http', scheme: 'https', port, body: 'fine' })).toMatchObject({ ok: true });
      expect(await look({ type: 'http', port })).toMatchObject({ ok: false });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
