import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TokenStore } from './token-store.js';

const TOKEN = `rovi_abcdefgh_${'A'.repeat(43)}`;

let folder: string;
let path: string;
let ended: string[];
let readings: number;
let store: TokenStore;

beforeEach(async () => {
  folder = await mkdtemp('/tmp/rovi-tokens-');
  path = join(folder, 'tokens.json');
  [ended, readings] = [[], 0];
  store = new TokenStore({
    path,
    onEnded: (ids) => ended.push(...ids),
    onRead: () => (readings += 1),
  });
});

afterEach(async () => {
  vi.useRealTimers();
  store.stop();
  await rm(folder, { recursive: true, force: true });
});

async function writeToken(expires_at: string | null): Promise<void> {
  const sha256 = createHash('sha256').update(TOKEN).digest('hex');
  const token = { id: 'abcdefgh', name: 'x', role: 'viewer', sha256, created_at: '2026-01-01T00:00:00.000Z' };
  const content = { version: 1, tokens: [{ ...token, expires_at }] };
  // As rovictl does it: whole, or not there. A look may come at any moment.
  await writeFile(`${path}.new`, JSON.stringify(content), { mode: 0o640 });
  await rename(`${path}.new`, path);
}

it('tells of a file that is not there once, however often it is looked for', async () => {
  await store.start();
  for (let count = 0; count < 5; count += 1) await store.refresh();
  expect(readings).toBe(1);
  await writeToken(null);
  await store.refresh();
  expect(store.find(TOKEN)?.name).toBe('x');
  expect(readings).toBe(2);
  await rm(path);
  await store.refresh();
  expect([store.find(TOKEN), store.fault, ended]).toEqual([null, null, ['abcdefgh']]);
});

it('does not wait for what is no file', async () => {
  execFileSync('mkfifo', ['-m', '640', path]);
  await store.start();
  expect(store.fault?.message).toContain('is no file');
});

it('ends a token whose end is over already when the file is read', async () => {
  await writeToken(null);
  await store.start();
  expect(store.size).toBe(1);
  await writeToken('2001-01-01T00:00:00.000Z');
  await store.refresh();
  expect([store.size, store.find(TOKEN)]).toEqual([0, null]);
  expect(ended).toContain('abcdefgh');
});

it('ends a token within half a minute of the clock being set past its end', async () => {
  vi.useFakeTimers({
    toFake: ['Date', 'setTimeout', 'clearTimeout'],
    now: Date.parse('2026-01-01T00:00:00Z'),
  });
  await writeToken('2026-03-01T00:00:00.000Z');
  await store.start();
  expect(store.size).toBe(1);
  vi.setSystemTime('2027-01-01T00:00:00Z');
  vi.advanceTimersByTime(30_000);
  expect(ended).toEqual(['abcdefgh']);
});
