import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesIn, processesLeft } from './unit-processes.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rovi-cgroup-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function group(path: string, pids: readonly number[]): void {
  mkdirSync(join(folder, path), { recursive: true });
  writeFileSync(join(folder, path, 'cgroup.procs'), pids.map((pid) => `${String(pid)}\n`).join(''));
}

const nav = '/system.slice/rovi-nav.service';

describe('the processes of a unit', () => {
  it('are those in its control group and below it, in the legacy layout too', () => {
    group(`systemd${nav}`, [process.pid]);
    group(`systemd${nav}/payload`, [1]);
    const mounts = [folder, join(folder, 'unified'), join(folder, 'systemd')];
    expect(processesIn(nav, mounts)).toMatchObject([
      { pid: 1 },
      { pid: process.pid, comm: expect.any(String) as string },
    ]);
  });

  it('are none where the group is empty or gone', async () => {
    group(`u${nav}`, []);
    const mounts = [join(folder, 'u')];
    expect(await processesLeft([nav, '/system.slice/rovi-gone.service'], mounts)).toEqual([]);
  });

  it('are not known where the hierarchy is not mounted, or hides a process: that proves nothing', async () => {
    expect(await processesLeft([nav], [folder])).toBeNull();
    group(`u${nav}`, [0]);
    expect(await processesLeft([nav], [join(folder, 'u')])).toBeNull();
  });

  it('are given a moment to be gone', async () => {
    group(`u${nav}`, [process.pid]);
    const left = processesLeft([nav], [join(folder, 'u')]);
    group(`u${nav}`, []);
    expect(await left).toEqual([]);
  });

  it('are named where they stay', async () => {
    group(`u${nav}`, [process.pid]);
    group('u/system.slice/rovi-teleop.service', [0]);
    const left = await processesLeft([nav, '/system.slice/rovi-teleop.service'], [join(folder, 'u')]);
    expect(left).toMatchObject([{ pid: process.pid }]);
  });
});
