import { expect, it } from 'vitest';
import { SharedReading } from './shared-reading.js';

/** A reading that ends when it is told to, and answers with its number. */
function readings() {
  const ends: (() => void)[] = [];
  const shared = new SharedReading(
    () => new Promise<number>((resolve) => ends.push(() => resolve(ends.length))),
  );
  return { shared, ends };
}

it('gives each what was begun after it asked, one at a time', async () => {
  const { shared, ends } = readings();
  const first = shared.fresh();
  const others = [shared.fresh(), shared.fresh()];
  expect(ends).toHaveLength(1);
  ends[0]?.();
  expect(await first).toBe(1);
  await expect.poll(() => ends.length).toBe(2);
  ends[1]?.();
  expect(await Promise.all(others)).toEqual([2, 2]);
});

it('lets nobody wait for more than two, though others ask without end', async () => {
  const { shared, ends } = readings();
  let answered = false;
  void shared.fresh();
  const patient = shared.fresh().then(() => (answered = true));
  for (let round = 0; round < 2; round += 1) {
    ends[round]?.();
    void shared.fresh();
    await expect.poll(() => ends.length).toBe(round + 2);
  }
  await patient;
  expect(answered).toBe(true);
});

it('goes on after one that failed, and tells those who asked for it', async () => {
  let fails = true;
  const shared = new SharedReading(() => (fails ? Promise.reject(new Error('no')) : Promise.resolve('yes')));
  const [first, second] = [shared.fresh(), shared.fresh()];
  fails = false;
  await expect(first).rejects.toThrow('no');
  expect(await second).toBe('yes');
});
