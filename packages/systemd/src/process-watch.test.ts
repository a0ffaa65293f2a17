import type { ProcessReading } from '@rovi/conductor';
import { describe, expect, it } from 'vitest';
import { silentLogger } from './logger.js';
import { ProcFiles } from './proc-files.js';
import { ProcessWatch } from './process-watch.js';

const known = { pid: process.pid, comm: 'planner', names: ['planner_server'] };

describe('a process that cannot be looked at', () => {
  it('is hidden while it lives, and gone only when the kernel says so', () => {
    const nothing = new ProcFiles('/nowhere');
    expect(nothing.process(process.pid)).toBe('hidden');
    expect(nothing.process(2 ** 22 + 1)).toBe('gone');
  });

  it('is told as one without a name, and keeps the names it was seen with', () => {
    let now: ProcessReading | 'hidden' | 'gone' = 'hidden';
    const told: (readonly ProcessReading[])[] = [];
    const watch = new ProcessWatch(
      { pids: () => [process.pid], process: () => now },
      silentLogger,
      (_, processes) => told.push(processes),
    );
    watch.watch('a.service');
    now = known;
    watch.watch('a.service');
    now = 'hidden';
    watch.watch('a.service');
    now = 'gone';
    watch.watch('a.service');
    watch.clear();
    expect(told).toEqual([[{ pid: process.pid, comm: '?', names: [] }], [known], []]);
  });
});

describe('a unit that gets another control group', () => {
  it('has its processes told again, also where they are the same', () => {
    const told: (readonly ProcessReading[])[] = [];
    const watch = new ProcessWatch(
      { pids: () => [process.pid], process: () => known },
      silentLogger,
      (_, processes) => told.push(processes),
    );
    watch.watch('a.service');
    watch.watch('a.service');
    watch.tellAnew('a.service');
    watch.watch('a.service');
    watch.clear();
    expect(told).toEqual([[known], [known]]);
  });
});
