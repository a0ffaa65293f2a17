import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { SshTunnel } from './ssh-tunnel.js';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rovi-tunnel-'));
  // Logs in at once, and takes every forwarding.
  const program = `#!/bin/sh
for word in "$@"; do [ "$word" = -O ] && exit 0; done
while [ "$1" != -S ]; do shift; done
echo $$ > ${folder}/pid
touch "$2"
exec sleep 60
`;
  await writeFile(join(folder, 'ssh'), program, { mode: 0o755 });
  vi.stubEnv('PATH', `${folder}:${process.env['PATH'] ?? ''}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

it('is opened anew after its ssh was killed', async () => {
  const tunnel = new SshTunnel({ kind: 'ssh', user: null, host: 'yard', port: null }, '/run/there', false);
  try {
    const before = await tunnel.socket();
    expect(await tunnel.socket()).toBe(before);
    process.kill(Number(await readFile(join(folder, 'pid'), 'utf8')), 'SIGKILL');
    await vi.waitUntil(() => tunnel.ended, { timeout: 30_000 });
    expect(await tunnel.socket()).not.toBe(before);
  } finally {
    tunnel.close();
  }
});
