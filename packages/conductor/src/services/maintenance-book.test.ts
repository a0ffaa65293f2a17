import type { Actor, Incident } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryMarkStore, VirtualClock } from '../robot-model.js';
import { MaintenanceBook } from './maintenance-book.js';

const olga: Actor = { name: 'olga', face: 'cli', verified: true };

/** A wall clock that can be set, over a monotonic one. */
class JumpingClock extends VirtualClock {
  offset = 0;
  override now(): number {
    return super.now() + this.offset;
  }
}

async function booked(marks = new MemoryMarkStore(), clock = new JumpingClock()) {
  const told: Incident[] = [];
  let changes = 0;
  const book = new MaintenanceBook({
    marks,
    clock,
    targets: () => ['nav', 'camera'],
    changed: () => (changes += 1),
    tell: (incident) => told.push(incident),
  });
  const started = book.start();
  await clock.advance(0);
  await started;
  const inSeconds = (seconds: number) => new Date(clock.now() + seconds * 1000).toISOString();
  const begin = (target: string | null, until: string | null = null) =>
    book.begin({ target, reason: 'new wheels', until }, olga);
  return { marks, clock, book, told, begin, inSeconds, changes: () => changes };
}

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    (error: unknown) => (error as RoviError).code,
  );

describe('the book of maintenance', () => {
  it("has its own before the robot's, the robot first, and keeps it in marks that a new gateway reads", async () => {
    const { book, begin, marks, told, changes } = await booked();
    await begin('nav');
    await begin(null);
    expect(book.all.map(({ target }) => target)).toEqual([null, 'nav']);
    expect(book.of('nav')).toMatchObject({ target: 'nav', reason: 'new wheels', actor: olga, until: null });
    expect(book.of('camera')).toMatchObject({ target: null });
    expect([...marks.marks.keys()].sort()).toEqual(['ROBOT', 'nav']);
    expect(told.map(({ type, service }) => [type, service])).toEqual([
      ['maintenance_started', 'nav'],
      ['maintenance_started', null],
    ]);
    expect(changes()).toBe(2);
    const next = await booked(marks);
    expect(next.book.all).toEqual(book.all);
    expect(next.told).toEqual([]);
  });

  it('ends when somebody ends it, once', async () => {
    const { book, begin, marks, told } = await booked();
    await begin('nav');
    await book.end('nav');
    expect([book.all, [...marks.marks]]).toEqual([[], []]);
    expect(told.at(-1)).toMatchObject({ type: 'maintenance_ended', service: 'nav' });
    expect(await codeOf(book.end('nav'))).toBe('not-found');
    expect(await codeOf(book.end(null))).toBe('not-found');
  });

  it('refuses what is not in the catalog, and an end that is past', async () => {
    const { begin, book, inSeconds } = await booked();
    expect(await codeOf(begin('nave'))).toBe('not-found');
    expect(await codeOf(begin('nav', inSeconds(0)))).toBe('bad-request');
    expect(book.all).toEqual([]);
  });

  it('ends by itself at its end', async () => {
    const { begin, book, clock, marks, inSeconds } = await booked();
    await begin('nav', inSeconds(100));
    await begin('camera');
    await clock.advance(99_900);
    expect(book.of('nav')).not.toBeNull();
    await clock.advance(200);
    expect(book.of('nav')).toBeNull();
    expect([...marks.marks.keys()]).toEqual(['camera']);
  });

  it('follows a wall clock that jumps within 30 s', async () => {
    const { begin, book, clock, inSeconds } = await booked();
    await begin('nav', inSeconds(3600));
    clock.offset = 3_600_000;
    await clock.advance(30_000);
    expect(book.of('nav')).toBeNull();
    await begin('nav', inSeconds(60));
    clock.offset -= 3_600_000;
    await clock.advance(3_600_000);
    expect(book.of('nav')).not.toBeNull();
    await clock.advance(60_000);
    expect(book.of('nav')).toBeNull();
  });

  it('ended while no gateway ran: gone when the next begins', async () => {
    const { begin, marks, clock, inSeconds } = await booked();
    await begin('nav', inSeconds(10));
    const later = new JumpingClock();
    later.offset = clock.offset + 60_000;
    const next = await booked(marks, later);
    expect(next.book.all).toEqual([]);
    expect(next.told.map(({ type }) => type)).toEqual(['maintenance_ended']);
  });

  it('counts a mark that it cannot read, and one that came or went past it', async () => {
    const { book, marks, clock, told } = await booked();
    marks.marks.set('nav', 'do not touch\nIgor');
    await clock.advance(30_000);
    expect(book.of('nav')).toMatchObject({ reason: 'unreadable mark: do not touch', until: null });
    const { since } = book.of('nav') ?? {};
    await clock.advance(90_000);
    expect(book.of('nav')?.since).toBe(since);
    marks.marks.delete('nav');
    await clock.advance(30_000);
    expect(book.of('nav')).toBeNull();
    expect(told.map(({ type }) => type)).toEqual(['maintenance_started', 'maintenance_ended']);
  });

  it('is as before where the mark could not be written, or taken away, and says so once', async () => {
    const { begin, book, marks, clock, told, inSeconds } = await booked();
    await begin('nav', inSeconds(60));
    marks.fault = new RoviError('state-unwritable', 'full');
    expect(await codeOf(begin('camera'))).toBe('state-unwritable');
    expect(await codeOf(book.end('nav'))).toBe('state-unwritable');
    await clock.advance(300_000);
    expect(book.all.map(({ target }) => target)).toEqual(['nav']);
    expect(told.filter(({ type }) => type === 'orchestration_error')).toHaveLength(1);
    marks.fault = null;
    await clock.advance(30_000);
    expect(book.all).toEqual([]);
  });

  it('always tells what the marks are, whatever is done at the same time', async () => {
    const step = fc.record({
      target: fc.constantFrom('nav', 'camera', null),
      ends: fc.boolean(),
      seconds: fc.integer({ min: 1, max: 90 }),
      wait: fc.integer({ min: 0, max: 40_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { book, begin, marks, clock, inSeconds } = await booked();
        for (const { target, ends, seconds, wait } of steps) {
          void (ends ? book.end(target) : begin(target, inSeconds(seconds))).catch(() => undefined);
          await clock.advance(wait);
          expect(book.all.map((one) => one.target ?? 'ROBOT').sort()).toEqual([...marks.marks.keys()].sort());
          for (const { until } of book.all) expect(Date.parse(until ?? '')).toBeGreaterThan(clock.now() - 1);
        }
      }),
      { numRuns: 60 },
    );
  });
});
