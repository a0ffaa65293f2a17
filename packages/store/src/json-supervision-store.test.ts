import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SupervisionRecord } from '@rovi/conductor';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JsonSupervisionStore } from './json-supervision-store.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rovi-supervision-'));
});
afterEach(() => rm(folder, { recursive: true }));

function record(unit: string, crashes: number): SupervisionRecord {
  return {
    unit,
    crashes,
    restarts: 1,
    run: 'b'.repeat(32),
    invocation: 'a'.repeat(32),
    asked: null,
    systemd_restarts: 2,
    phase: 'cooldown',
    tries: 1,
    attempts: 0,
    text: 'crash loop',
    next_at: '2026-03-01T10:00:00.000Z',
    starts: ['2026-03-01T09:59:00.000Z'],
  };
}

function store() {
  const warnings: string[] = [];
  const made = new JsonSupervisionStore(join(folder, 'state', 'supervision.json'), {
    warn: (_, message) => void warnings.push(message),
  });
  return { made, warnings };
}

test('what was saved last is loaded; before that there is nothing', async () => {
  const { made, warnings } = store();
  expect(await made.load()).toEqual([]);
  await made.save([record('rovi-a.service', 1)]);
  const records = [record('rovi-a.service', 2), record('rovi-b@1.service', 0)];
  await made.save(records);
  expect(await store().made.load()).toEqual(records);
  expect(await readdir(join(folder, 'state'))).toEqual(['supervision.json']);
  expect(warnings).toEqual([]);
});

test('a pipe in its place is not waited for, and replaced', async () => {
  const { made, warnings } = store();
  await mkdir(join(folder, 'state'));
  execFileSync('mkfifo', [join(folder, 'state', 'supervision.json')]);
  expect(await made.load()).toEqual([]);
  expect(warnings).toEqual(['counters of supervision cannot be read: they begin anew']);
  await made.save([record('rovi-a.service', 1)]);
  expect(await store().made.load()).toEqual([record('rovi-a.service', 1)]);
});

test.each(['', '{', '{"version":2,"records":[]}', '{"version":1,"records":[{"unit":1}]}'])(
  'a broken file (%j) is kept beside, and said once',
  async (text) => {
    const { made, warnings } = store();
    await mkdir(join(folder, 'state'));
    await writeFile(join(folder, 'state', 'supervision.json'), text);
    expect(await made.load()).toEqual([]);
    expect(await readFile(join(folder, 'state', 'supervision.json.broken'), 'utf8')).toBe(text);
    expect(await made.load()).toEqual([]);
    expect(warnings).toHaveLength(1);
    await made.save([record('rovi-a.service', 1)]);
    expect(await made.load()).toHaveLength(1);
  },
);

test.runIf(process.getuid?.() === 0)('on a full disk the old counters stay', async () => {
  const state = join(folder, 'state');
  await mkdir(state);
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', state]);
  try {
    const { made } = store();
    await made.save([record('rovi-a.service', 1)]);
    await writeFile(join(state, 'filler'), 'x'.repeat(1_000_000)).catch(() => undefined);
    const many = Array.from({ length: 100 }, (_, index) => record(`rovi-unit${index}.service`, index));
    await expect(made.save(many)).rejects.toMatchObject({
      code: 'state-unwritable',
      mend: expect.stringContaining('disk is full') as string,
    });
    expect(await made.load()).toEqual([record('rovi-a.service', 1)]);
  } finally {
    execFileSync('umount', [state]);
  }
});

test('kill -9 in the middle of many saves never leaves a file that cannot be read', async () => {
  const path = join(folder, 'state', 'supervision.json');
  const program = `
    import { JsonSupervisionStore } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
    const store = new JsonSupervisionStore(${JSON.stringify(path)}, { warn: () => process.exit(3) });
    const [{ crashes = 0 } = {}] = await store.load();
    for (let count = crashes + 1; ; count += 1) {
      const one = ${JSON.stringify(record('rovi-a.service', 0))};
      await store.save(Array.from({ length: 1 + (count % 40) }, () => ({ ...one, crashes: count })));
      process.stdout.write(count + '\\n');
    }`;
  let known = 0;
  for (let round = 0; round < 12; round += 1) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    let saves = 0;
    child.stdout.setEncoding('utf8');
    for await (const text of child.stdout as AsyncIterable<string>) {
      said += text;
      // In the midst of it, after another number of saves each round.
      if ((saves += text.split('\n').length - 1) > round) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    const { made, warnings } = store();
    const records = await made.load();
    expect(warnings).toEqual([]);
    const last = Number(said.trim().split('\n').at(-1));
    // What was said to be saved is there, and nothing goes back.
    expect(records[0]?.crashes).toBeGreaterThanOrEqual(last);
    expect(last).toBeGreaterThan(known);
    known = last;
  }
});
