import { describe, expect, it } from 'vitest';
import { JobWaits } from './job-waits.js';

const never = new AbortController().signal;

describe('JobWaits', () => {
  it('knows the end that was announced before the answer', async () => {
    const waits = new JobWaits();
    const { result } = await waits.dispatch(() => {
      waits.ended('/job/1', 'failed');
      return Promise.resolve('/job/1');
    }, never);
    expect(await result).toBe('failed');
    expect(waits.paths).toEqual([]);
  });

  it('does not take the end of an earlier job of that number for this one', async () => {
    const waits = new JobWaits();
    waits.ended('/job/1', 'failed');
    const { result } = await waits.dispatch(() => Promise.resolve('/job/1'), never);
    waits.ended('/job/1', 'done');
    expect(await result).toBe('done');
  });

  it('does not wait where there is no job', async () => {
    const waits = new JobWaits();
    const { path, result } = await waits.dispatch(() => Promise.resolve(null), never);
    expect([path, await result, waits.paths]).toEqual([null, 'lost', []]);
  });

  it('tells everyone who waits for the same job', async () => {
    const waits = new JobWaits();
    const both = await Promise.all([1, 2].map(() => waits.dispatch(() => Promise.resolve('/job/1'), never)));
    waits.ended('/job/1', 'canceled');
    expect(await Promise.all(both.map(({ result }) => result))).toEqual(['canceled', 'canceled']);
  });

  it('lets go of a job when its caller does', async () => {
    const waits = new JobWaits();
    const abort = new AbortController();
    const { result } = await waits.dispatch(() => Promise.resolve('/job/1'), abort.signal);
    abort.abort(new Error('enough'));
    await expect(result).rejects.toThrow('enough');
    expect(waits.paths).toEqual([]);
  });
});
