import type { ServiceStatus } from '@rovi/contract';
import { describe, expect, it } from 'vitest';
import { KEPT_SAMPLES, read } from './figures.js';
import type { Figures } from './figures.js';

function nav(cpu: number | null, run = 'a'): ServiceStatus {
  return { name: 'nav', invocation_id: run, cpu_percent: cpu, memory_bytes: 1 } as ServiceStatus;
}

describe('read', () => {
  it('keeps the last two minutes of a unit', () => {
    let figures: Figures | null = null;
    for (let index = 0; index < KEPT_SAMPLES + 10; index += 1) figures = read(figures, [nav(index)], index);
    const samples = figures?.history.get('nav') ?? [];
    expect(samples).toHaveLength(KEPT_SAMPLES);
    expect(samples.at(0)?.cpuPercent).toBe(10);
    expect(samples.at(-1)?.cpuPercent).toBe(KEPT_SAMPLES + 9);
  });

  it('begins anew with another run, and keeps what was not known as unknown', () => {
    const figures = read(read(null, [nav(50)], 1), [nav(null, 'b')], 2);
    expect(figures.history.get('nav')).toEqual([{ at: 2, cpuPercent: null, memoryBytes: 1 }]);
  });

  it('forgets a unit that is not there any more', () => {
    expect(read(read(null, [nav(1)], 1), [], 2).history.size).toBe(0);
  });
});
