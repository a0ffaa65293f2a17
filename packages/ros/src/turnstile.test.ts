import { describe, expect, test } from 'vitest';
import { Turnstile } from './turnstile.js';

describe('a turnstile', () => {
  test('of a thousand that ask at once the first begins at once, all others share one that begins after them', async () => {
    const turnstile = new Turnstile<number>();
    let begun = 0;
    const answers = Array.from({ length: 1000 }, () => turnstile.pass(() => Promise.resolve((begun += 1))));
    expect(begun).toBe(1);
    expect(new Set(await Promise.all(answers))).toEqual(new Set([1, 2]));
    expect(begun).toBe(2);
  });

  test('so many are under way at most; who waits goes on when one of them ends', async () => {
    const turnstile = new Turnstile<string>();
    const ends: (() => void)[] = [];
    const begin = () => new Promise<string>((resolve) => ends.push(() => resolve('done')));
    const answers: Promise<string>[] = [];
    while (ends.length < 4) {
      answers.push(turnstile.pass(begin));
      await new Promise((resolve) => setImmediate(resolve));
    }
    const fifth = turnstile.pass(begin);
    ends[0]?.();
    await answers[0];
    const waiting = setInterval(() => ends.at(-1)?.(), 5);
    expect(await fifth).toBe('done');
    clearInterval(waiting);
    expect(ends).toHaveLength(5);
    for (const end of ends) end();
    await Promise.all(answers);
  });

  test('one that fails, or throws at once, keeps nobody from the next', async () => {
    const turnstile = new Turnstile<string>();
    const refused = turnstile.pass(() => {
      throw new Error('refused');
    });
    const failed = turnstile.pass(() => Promise.reject(new Error('failed')));
    await expect(refused).rejects.toThrow('refused');
    await expect(failed).rejects.toThrow('failed');
    expect(await turnstile.pass(() => Promise.resolve('done'))).toBe('done');
  });
});
