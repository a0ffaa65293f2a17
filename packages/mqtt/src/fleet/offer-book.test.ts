import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OfferBook } from './offer-book.js';
import type { Offer } from './offer-book.js';

const offer: Offer = { command: { kind: 'stop-all' }, reason: '', key: 'ours', behalf: 'ada' };

function book(bootId = '11112222-run') {
  const now = { monotonic: 1_000, uptime: 5_000, wall: 1_700_000_000_000 };
  const offers = new OfferBook(bootId, {
    monotonic: () => now.monotonic,
    uptime: () => now.uptime,
    wall: () => now.wall,
  });
  return { now, offers };
}

describe('an offer', () => {
  it('is taken once, by the key that asked', () => {
    const { offers } = book();
    const word = offers.make(offer, 10_000);
    expect(offers.take(word, 'theirs')).toBeNull();
    expect(offers.take(word, 'ours')).toMatchObject(offer);
    expect(offers.take(word, 'ours')).toBeNull();
  });

  it('never stands longer than it was made for, by whichever clock', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 60_000 }),
        fc.array(
          fc.record({
            clock: fc.constantFrom('monotonic' as const, 'uptime' as const, 'wall' as const),
            by: fc.integer({ min: -100_000, max: 100_000 }),
          }),
          { maxLength: 6 },
        ),
        (ms, moves) => {
          const { now, offers } = book();
          const word = offers.make(offer, ms);
          const begun = { ...now };
          for (const { clock, by } of moves) now[clock] += by;
          const far = (['monotonic', 'uptime', 'wall'] as const).some(
            (clock) => Math.abs(now[clock] - begun[clock]) > ms,
          );
          expect(offers.take(word, 'ours') === null).toBe(far);
          // What was refused once is not taken when the clocks are back.
          Object.assign(now, begun);
          expect(offers.take(word, 'ours')).toBeNull();
        },
      ),
    );
  });

  it('is of its run: another knows that it is not its own', () => {
    const word = book('11112222-run').offers.make(offer, 10_000);
    const next = book('33334444-run').offers;
    expect(next.take(word, 'ours')).toBeNull();
    expect(next.isOfThisRun(word)).toBe(false);
    expect(book('11112222-run').offers.isOfThisRun(word)).toBe(true);
  });

  it('is one of 500 at most: the oldest are withdrawn', () => {
    const { offers } = book();
    const words = Array.from({ length: 600 }, () => offers.make(offer, 60_000));
    expect(new Set(words).size).toBe(600);
    expect(words.filter((word) => offers.take(word, 'ours') !== null)).toEqual(words.slice(100));
  });
});
