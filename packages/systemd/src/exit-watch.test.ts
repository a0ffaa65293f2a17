import { spawn } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { ExitWatch } from './exit-watch.js';
import { silentLogger } from './logger.js';

describe('ExitWatch', () => {
  it('tells of the end of each process once, and of one that has ended already', async () => {
    const ended: number[] = [];
    let all = (): void => undefined;
    const told = new Promise<void>((resolve) => {
      all = resolve;
    });
    const watch = new ExitWatch({
      logger: silentLogger,
      ended: (pid) => {
        ended.push(pid);
        if (ended.length === 3) all();
      },
    });
    const children = [1, 2, 3].map(() => spawn('sleep', ['1000']));
    const pids = children.map(({ pid }) => pid ?? 0);
    const impossible = 2 ** 22 + 1;
    for (const pid of [...pids, impossible]) watch.watch(pid);
    watch.unwatch(pids[2] ?? 0);
    for (const child of children) child.kill('SIGKILL');
    await told;
    expect(ended.sort()).toEqual([pids[0], pids[1], impossible].sort());
    expect(watch.working).toBe(true);
    watch.stop();
  });

  it('says that it does not work where there is no perl', async () => {
    let warn = (): void => undefined;
    const warned = new Promise<void>((resolve) => {
      warn = resolve;
    });
    const logger = { ...silentLogger, warn: () => warn() };
    const watch = new ExitWatch({ logger, ended: () => undefined, program: 'no-such-perl' });
    watch.watch(process.pid);
    await warned;
    expect(watch.working).toBe(false);
  });
});
