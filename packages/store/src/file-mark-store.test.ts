import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileMarkStore } from './file-mark-store.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rovi-marks-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('a mark is a file that all may read, replaced as a whole', async () => {
  const marks = new FileMarkStore(join(folder, 'state', 'maintenance'));
  expect(await marks.list()).toEqual(new Map());
  await marks.set('nav', 'one, and longer');
  await marks.set('nav', 'two');
  await marks.set('ROBOT', 'all');
  const path = join(folder, 'state', 'maintenance', 'nav');
  expect(await readFile(path, 'utf8')).toBe('two');
  expect((await stat(path)).mode & 0o777).toBe(0o644);
  expect([...(await marks.list())]).toEqual([
    ['ROBOT', 'all'],
    ['nav', 'two'],
  ]);
  await marks.clear('nav');
  await marks.clear('nav');
  expect(await readdir(join(folder, 'state', 'maintenance'))).toEqual(['ROBOT']);
});

test('what a killed gateway left unfinished is no mark; what cannot be read is one', async () => {
  const marks = new FileMarkStore(folder);
  await writeFile(join(folder, '.nav.tmp'), 'ha');
  await mkdir(join(folder, 'teleop'));
  expect([...(await marks.list())]).toEqual([['teleop', '']]);
});

test('a mark that never ends is one: a pipe is not waited for, of a huge file only the head is read', async () => {
  const marks = new FileMarkStore(folder);
  execFileSync('mkfifo', [join(folder, 'nav')]);
  await writeFile(join(folder, 'teleop'), 'huge');
  await truncate(join(folder, 'teleop'), 8 * 2 ** 30);
  await symlink('/dev/zero', join(folder, 'camera'));
  const listed = await marks.list();
  expect([...listed.keys()]).toEqual(['camera', 'nav', 'teleop']);
  expect(listed.get('nav')).toBe('');
  expect(listed.get('camera')).toBe('');
  expect(listed.get('teleop')?.slice(0, 4)).toBe('huge');
  expect(listed.get('teleop')?.length).toBeLessThanOrEqual(16 * 1024);
  for (const name of listed.keys()) await marks.clear(name);
  expect(await readdir(folder)).toEqual([]);
});

test('a folder in the place of a mark is named for what it is', async () => {
  const marks = new FileMarkStore(folder);
  await mkdir(join(folder, 'nav'));
  const mend = expect.stringContaining(`rm -r ${join(folder, 'nav')}`) as string;
  await expect(marks.clear('nav')).rejects.toMatchObject({ code: 'state-unwritable', mend });
  await expect(marks.set('nav', 'x')).rejects.toMatchObject({ code: 'state-unwritable', mend });
  expect(await readdir(folder)).toEqual(['nav']);
});

test('a name of which a path could be made is refused', async () => {
  const marks = new FileMarkStore(join(folder, 'marks'));
  for (const name of ['../nav', '.nav', '', 'a/b', 'a\0b', '..']) {
    await expect(marks.set(name, 'x')).rejects.toMatchObject({ code: 'state-unwritable' });
    await expect(marks.clear(name)).rejects.toMatchObject({ code: 'state-unwritable' });
  }
  expect(await readdir(folder)).toEqual([]);
});

test('many at once: each whole, the last of each name stays', async () => {
  const marks = new FileMarkStore(folder);
  await Promise.all(Array.from({ length: 60 }, (_, index) => marks.set(`unit${index % 3}`, `text ${index}`)));
  expect([...(await marks.list())]).toEqual([
    ['unit0', 'text 57'],
    ['unit1', 'text 58'],
    ['unit2', 'text 59'],
  ]);
});

test('a folder that is none, and one that is read-only, say what to do', async () => {
  await writeFile(join(folder, 'file'), '');
  const none = new FileMarkStore(join(folder, 'file'));
  await expect(none.list()).rejects.toMatchObject({ code: 'state-unwritable' });
  await expect(none.set('nav', 'x')).rejects.toMatchObject({ code: 'state-unwritable' });
});

// Mounting is root's: tests/maintenance/ has the story of a full disk on a robot, for everybody else.
test.runIf(process.getuid?.() === 0)(
  'on a full disk the old mark stays, and there is room to mend it',
  async () => {
    const disk = join(folder, 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]);
    try {
      const marks = new FileMarkStore(join(disk, 'maintenance'));
      await marks.set('nav', 'before');
      const filler = join(disk, 'filler');
      await writeFile(filler, 'x'.repeat(1_000_000)).catch(() => undefined);
      await expect(marks.set('nav', 'y'.repeat(20_000))).rejects.toMatchObject({
        code: 'state-unwritable',
        mend: expect.stringContaining('disk is full') as string,
        context: { errno: 'ENOSPC' },
      });
      expect([...(await marks.list())]).toEqual([['nav', 'before']]);
      expect(await readdir(join(disk, 'maintenance'))).toEqual(['nav']);
      await rm(filler);
      await marks.set('nav', 'after');
      execFileSync('mount', ['-o', 'remount,ro', disk]);
      await expect(marks.clear('nav')).rejects.toMatchObject({
        code: 'state-unwritable',
        mend: expect.stringContaining('read-only') as string,
      });
      expect([...(await marks.list())]).toEqual([['nav', 'after']]);
    } finally {
      execFileSync('umount', [disk]);
    }
  },
);
