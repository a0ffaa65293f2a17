import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEAD_MS } from '../process/protocol.js';
import type { DriveOrder } from '../ros-transport.js';
import { DrivePlan, faultOf } from './drive-plan.js';

const order = (part: Partial<DriveOrder> = {}): DriveOrder => ({
  topic: '/cmd_vel',
  message: 'twist',
  frame_id: 'base_link',
  x: 1,
  y: 0,
  duration_ms: 1_000,
  rate: 20,
  odometry: null,
  ...part,
});
const there = { listeners: 1, located: true };

/** Looks whenever it is told to, `late` ms late, and keeps it alive until `silentFrom`. */
function run(plan: DrivePlan, options: { late?: number[]; silentFrom?: number } = {}) {
  const { late = [0], silentFrom = Infinity } = options;
  const published: number[] = [];
  let now = 0;
  for (let looks = 0; ; looks += 1) {
    if (now < silentFrom) plan.keep(now, now);
    const step = plan.look(now, there);
    if (step.kind === 'end') return { published, at: now, ended: step.ended };
    if (step.kind === 'publish') published.push(now);
    now = step.until + (late[looks % late.length] ?? 0);
  }
}

describe('a drive', () => {
  it('publishes at the rate from the first moment on, and ends by its own time', () => {
    const { published, at, ended } = run(new DrivePlan(order(), 0, 0));
    expect(published).toEqual(Array.from({ length: 20 }, (_, index) => 50 * index));
    expect([at, ended]).toEqual([1_000, 'done']);
  });

  it('never lasts longer than its time and never publishes more than its rate, however late it is looked at', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.integer({ min: 0, max: 250 }), { minLength: 1 }),
        (duration_ms, rate, late) => {
          const { published, at, ended } = run(new DrivePlan(order({ duration_ms, rate }), 0, 0), { late });
          expect(ended).toBe('done');
          expect(published.every((time) => time < duration_ms)).toBe(true);
          expect(at).toBeLessThanOrEqual(duration_ms + Math.max(...late));
          expect(published.length).toBeLessThanOrEqual(Math.ceil((duration_ms * rate) / 1000));
        },
      ),
    );
  });

  it('never publishes when the last keep was sent too long ago, however late it is looked at', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3_000 }),
        fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 1 }),
        (silentFrom, late) => {
          const plan = new DrivePlan(order({ duration_ms: 60_000 }), 0, 0);
          const { published, ended } = run(plan, { silentFrom, late });
          expect(ended).toBe('silent');
          expect(published.every((time) => time < silentFrom + DEAD_MS)).toBe(true);
        },
      ),
    );
  });

  it('is not kept alive by keeps that come late, come in the wrong order, or are of the future', () => {
    const plan = new DrivePlan(order({ duration_ms: 60_000 }), 0, 0);
    plan.look(0, there);
    plan.keep(200, 200);
    plan.keep(100, 250);
    plan.keep(150, 450);
    expect(plan.look(499, there).kind).not.toBe('end');
    expect(plan.look(500, there)).toMatchObject({ kind: 'end', ended: 'silent' });
    plan.keep(1e12, 600);
    expect(plan.look(899, there).kind).not.toBe('end');
    expect(plan.look(900, there)).toMatchObject({ kind: 'end', ended: 'silent' });
  });

  it('that was wanted long ago does not begin', () => {
    expect(new DrivePlan(order(), 0, 1_000).look(1_000, there)).toMatchObject({ ended: 'silent' });
  });

  it('begins when somebody listens and it is known where the base is; its time counts from then', () => {
    const plan = new DrivePlan(order(), 0, 0);
    expect(plan.look(0, { listeners: 0, located: true }).kind).toBe('wait');
    plan.keep(200, 200);
    expect(plan.look(200, { listeners: 1, located: false }).kind).toBe('wait');
    plan.keep(400, 400);
    expect(plan.look(400, there)).toMatchObject({ kind: 'publish', begins: true });
    for (let now = 400; now < 1_400; now += 50) {
      plan.keep(now, now);
      expect(plan.look(now, there).kind).not.toBe('end');
    }
    expect(plan.look(1_400, there)).toMatchObject({ ended: 'done' });
  });

  it('begins without odometry where none comes, and not at all where nobody listens', () => {
    const deaf = { listeners: 0, located: true };
    const [lost, unheard] = [new DrivePlan(order(), 0, 0), new DrivePlan(order(), 0, 0)];
    for (let now = 0; now < 1_000; now += 100) {
      for (const plan of [lost, unheard]) plan.keep(now, now);
      expect(unheard.look(now, deaf).kind).toBe('wait');
    }
    expect(lost.look(1_000, { listeners: 1, located: false })).toMatchObject({ begins: true });
    expect(unheard.look(1_000, deaf)).toMatchObject({ kind: 'end', ended: 'refused' });
  });

  it('ends where nobody listens any more', () => {
    const plan = new DrivePlan(order(), 0, 0);
    plan.look(0, there);
    expect(plan.look(50, { listeners: 0, located: true })).toMatchObject({ kind: 'end', ended: 'fault' });
  });
});

describe('an order', () => {
  it('is refused where it is no motion', () => {
    expect(faultOf(order())).toBeNull();
    for (const value of [NaN, Infinity, -Infinity, '1' as unknown as number]) {
      for (const field of ['x', 'y', 'duration_ms', 'rate']) {
        expect(faultOf(order({ [field]: value }))).toMatch(/^its /);
      }
    }
    for (const part of [
      { duration_ms: 0 },
      { duration_ms: -1 },
      { duration_ms: 4e6 },
      { rate: 0 },
      { rate: 101 },
    ]) {
      expect(faultOf(order(part))).toMatch(/^its /);
    }
  });
});
