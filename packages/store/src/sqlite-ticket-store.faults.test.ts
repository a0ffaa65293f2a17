import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RoviError } from '@rovi/contract';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SqliteTicketStore } from './sqlite-ticket-store.js';
import { actor, at, idOf, move, processesOf, storeAt, ticket, ticketCommand } from './tickets.fixture.js';

const isRoot = process.getuid?.() === 0;

let folder = '';
let path = '';
const begun: SqliteTicketStore[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rovi-tickets-'));
  path = join(folder, 'tickets.db');
});
const closeAll = () => Promise.all(begun.splice(0).map((store) => store.close()));
afterEach(async () => {
  vi.useRealTimers();
  await closeAll();
  await rm(folder, { recursive: true });
});

function storeOf(...options: Parameters<typeof storeAt>) {
  const made = storeAt(...options);
  begun.push(made.store);
  return made;
}

/** A file with one ticket in it. */
async function oneTicket(): Promise<void> {
  const { store } = storeAt(path);
  await store.open(at(0), actor);
  await store.create(ticket(1));
  await store.close();
}

const refused = (code: string, message: string, mend: string) => ({
  code,
  message: expect.stringContaining(message) as string,
  mend: expect.stringContaining(mend) as string,
});

describe('a file that cannot be used', () => {
  it.each([
    ['is no database at all', (bytes: Buffer) => bytes.fill('no database ', 0)],
    ['is damaged in the midst of it', (bytes: Buffer) => bytes.fill(0xa5, 4096 * 2, 4096 * 6)],
    ['is cut short', (bytes: Buffer) => bytes.subarray(0, 4096 * 3)],
  ])('%s: it is refused and left as it is', async (_, damage) => {
    await oneTicket();
    const bytes = damage(await readFile(path));
    await writeFile(path, bytes);
    const { store, warnings } = storeOf(path);
    const wanted = refused('tickets-unavailable', `${path} is damaged`, 'tickets begin anew');
    await expect(store.open(at(1), actor)).rejects.toMatchObject(wanted);
    await expect(store.create(ticket(2))).rejects.toMatchObject(wanted);
    await expect(store.counts()).rejects.toMatchObject(wanted);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    // As the mend says, without a restart of the gateway.
    const { mend } = (await store.counts().catch((error: unknown) => error)) as RoviError;
    execFileSync('sh', ['-c', /`(.*?)`/.exec(mend)?.[1] ?? 'false']);
    expect((await readFile(`${path}.broken/tickets.db`)).equals(bytes)).toBe(true);
    await store.create(ticket(2));
    expect(await store.counts()).toMatchObject({ total: 1 });
    expect(warnings).toEqual([]);
  });

  it('is of a newer Rovi, or of another program: it is refused and left as it is', async () => {
    const sqlite = (text: string): void => {
      execFileSync('python3', [
        '-c',
        'import sqlite3, sys; sqlite3.connect(sys.argv[1]).executescript(sys.argv[2])',
        path,
        text,
      ]);
    };
    await oneTicket();
    sqlite('PRAGMA user_version = 7');
    const newer = await readFile(path);
    const { store } = storeOf(path);
    await expect(store.open(at(1), actor)).rejects.toMatchObject(
      refused('tickets-unavailable', 'written by a newer Rovi (version 7', 'Install the newer Rovi again'),
    );
    expect((await readFile(path)).equals(newer)).toBe(true);
    await rm(path);
    sqlite('CREATE TABLE tickets (concert TEXT)');
    const other = await readFile(path);
    await expect(store.open(at(1), actor)).rejects.toMatchObject(
      refused('tickets-unavailable', 'the database of another program', `mkdir ${path}.other`),
    );
    expect((await readFile(path)).equals(other)).toBe(true);
  });

  it('is a pipe, or a folder: nothing waits for it', async () => {
    execFileSync('mkfifo', [path]);
    const { store } = storeOf(path);
    await expect(store.open(at(1), actor)).rejects.toMatchObject(
      refused('tickets-unavailable', 'is no plain file', `mv ${path}`),
    );
    await rm(path);
    await mkdir(path);
    await expect(store.counts()).rejects.toMatchObject(
      refused('state-unwritable', 'cannot be kept', `rm -r ${path}`),
    );
  });

  it("was made readable by all, or was made empty: it is the owner's alone", async () => {
    await writeFile(path, '');
    await chmod(path, 0o644);
    await oneTicket();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});

describe.runIf(isRoot)('a disk', () => {
  it('that is full keeps what it has, and takes tickets again when there is room', async () => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk]);
    try {
      const { store, warnings } = storeOf(join(disk, 'tickets.db'));
      await store.open(at(0), actor);
      const filler = await open(join(disk, 'filler'), 'w');
      await filler.writeFile(Buffer.alloc(2_000_000));
      const kept: number[] = [];
      let next = 0;
      const fill = async (): Promise<unknown> => {
        for (;;) {
          const numbers = Array.from({ length: 20 }, () => (next += 1));
          const all = await Promise.allSettled(numbers.map((number) => store.create(ticket(number))));
          kept.push(...numbers.filter((_, index) => all[index]?.status === 'fulfilled'));
          const failed = all.find((one) => one.status === 'rejected');
          if (failed !== undefined) return failed.reason;
        }
      };
      expect(await fill()).toMatchObject(
        refused('state-unwritable', 'tickets.db cannot be kept', 'The disk is full'),
      );
      expect(kept.length).toBeGreaterThan(20);
      // Reading goes on.
      expect(await store.counts()).toMatchObject({ total: kept.length });
      expect(await store.list({ limit: 1000, offset: 0 })).toMatchObject({ total: kept.length });
      await filler.truncate(0);
      await filler.close();
      await store.create(ticket(next + 1));
      kept.push(next + 1);
      expect(await store.move(move(next + 1, 'pending', 'queued'))).toMatchObject({ status: 'queued' });
      const ids: string[] = [];
      for await (const one of store.export({})) ids.push(one.id);
      expect(ids).toEqual(kept.map(idOf));
      expect(warnings).toEqual([]);
    } finally {
      await closeAll();
      execFileSync('umount', [disk]);
    }
  });

  it('that is full when the gateway starts is no reason to stay away', async () => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    try {
      await writeFile(join(disk, 'filler'), Buffer.alloc(2 ** 20)).catch(() => undefined);
      const { store } = storeOf(join(disk, 'tickets.db'));
      await expect(store.open(at(0), actor)).rejects.toMatchObject(
        refused('state-unwritable', 'tickets.db cannot be kept', 'The disk is full'),
      );
      await rm(join(disk, 'filler'));
      expect(await store.open(at(0), actor)).toEqual([]);
      await store.create(ticket(1));
    } finally {
      await closeAll();
      execFileSync('umount', [disk]);
    }
  });

  it('that is read-only when the gateway starts is told as such', async () => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m,ro', 'tmpfs', disk]);
    try {
      const { store } = storeOf(join(disk, 'tickets.db'));
      const active = { active: true, since: at(1), actor, reason: '', stored: true };
      await expect(store.setEstop(active)).rejects.toMatchObject(
        refused('state-unwritable', 'tickets.db cannot be kept', 'read-only'),
      );
      execFileSync('mount', ['-o', 'remount,rw', disk]);
      await store.setEstop(active);
      expect(await store.estop()).toEqual(active);
    } finally {
      await closeAll();
      execFileSync('umount', [disk]);
    }
  });
});

describe('the process of the tickets', () => {
  it('that hangs is killed after the deadline, and another is begun', async () => {
    // Time enough for a process to begin in, on a busy machine too.
    const { store, warnings } = storeOf(path, 7_500);
    await store.open(at(0), actor);
    const [hung = 0] = processesOf(path);
    process.kill(hung, 'SIGSTOP');
    await expect(store.create(ticket(1))).rejects.toMatchObject(
      refused('tickets-unavailable', 'did not answer for 7.5 s and was killed', 'journalctl'),
    );
    await store.create(ticket(2));
    await vi.waitFor(() => expect(processesOf(path)).not.toContain(hung), 10_000);
    expect(await store.read(idOf(1))).toBeNull();
    expect(warnings).toEqual([
      'the process of the tickets ended: the next request begins another: did not answer for 7.5 s and was killed',
    ]);
  });

  it('that cannot be run says so, again and again', async () => {
    const { store, warnings } = storeOf(path, undefined, ['/nowhere/node']);
    // No time passes: the pause lasts.
    vi.useFakeTimers({ toFake: ['performance'] });
    for (let round = 0; round < 3; round += 1) {
      await expect(store.open(at(0), actor)).rejects.toMatchObject(
        refused('tickets-unavailable', 'cannot be run: spawn /nowhere/node ENOENT', 'journalctl'),
      );
    }
    // The third found a pause.
    expect(warnings).toHaveLength(2);
  });

  it('without its addon says so', async () => {
    const program = join(folder, 'rovi-tickets.mjs');
    await writeFile(program, await readFile(join(import.meta.dirname, '../../../dist/rovi-tickets.mjs')));
    const { store } = storeOf(path, undefined, [process.execPath, program]);
    await expect(store.open(at(0), actor)).rejects.toMatchObject({
      code: 'tickets-unavailable',
      message: expect.stringMatching(/^better-sqlite3 (is not installed|does not load)/) as string,
    });
  });

  it('ends with its gateway, even one that was killed', async () => {
    const program = `
      import { SqliteTicketStore } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
      const store = new SqliteTicketStore({
        command: ${JSON.stringify(ticketCommand)}, path: ${JSON.stringify(path)}, logger: { warn: () => undefined },
      });
      await store.open(${JSON.stringify(at(0))}, ${JSON.stringify(actor)});
      process.kill(process.pid, 'SIGKILL');`;
    expect(() => execFileSync(process.execPath, ['--input-type=module', '-e', program])).toThrow();
    await vi.waitFor(() => expect(processesOf(path)).toEqual([]), 10_000);
  });

  it('of an earlier gateway writes nothing more once a later one has settled what it left', async () => {
    const [earlier, later] = [storeOf(path).store, storeOf(path).store];
    await earlier.open(at(0), actor);
    await earlier.create(ticket(1));
    await earlier.move(move(1, 'pending', 'queued'));
    expect(await later.open(at(1), actor)).toHaveLength(1);
    const late = refused('tickets-unavailable', 'another gateway has opened', 'fuser');
    await expect(earlier.move(move(1, 'pending', 'queued'))).rejects.toMatchObject(late);
    await expect(earlier.create(ticket(2))).rejects.toMatchObject(late);
    expect(await later.move(move(1, 'pending', 'queued'))).toMatchObject({ status: 'queued' });
  });
});
