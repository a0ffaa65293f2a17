import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OdometryPath } from './odometry-path.js';

const at = (x: number, y = 0) => ({ x, y, z: 0 });

describe('the path of odometry', () => {
  it('is the length of the way, from where the base was when it began', () => {
    const path = new OdometryPath();
    path.add(at(100), 0);
    path.add(at(5), 10);
    path.begin(20);
    path.add(at(5, 3), 30);
    path.add(at(1, 3), 40);
    path.add(at(5, 3), 50);
    expect(path.distance(60)).toBe(11);
  });

  it('is not known where the base was not seen when it began, or is seen no more', () => {
    const path = new OdometryPath();
    expect(path.located(0)).toBe(false);
    path.begin(0);
    path.add(at(1), 10);
    path.add(at(2), 20);
    expect(path.distance(30)).toBeNull();
    path.begin(30);
    path.add(at(3), 40);
    expect(path.distance(50)).toBe(1);
    expect(path.distance(1_040)).toBe(1);
    expect(path.distance(1_041)).toBeNull();
  });

  it('is not known where it has a gap, however it goes on', () => {
    const path = new OdometryPath();
    path.add(at(0), 0);
    path.begin(0);
    path.add(at(1), 500);
    path.add(at(2), 1_501);
    path.add(at(3), 1_600);
    expect(path.distance(1_600)).toBeNull();
  });

  it('is never shorter than the straight way', () => {
    const step = fc.double({ min: -1e3, max: 1e3, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(step, step), { minLength: 1 }), (steps) => {
        const path = new OdometryPath();
        path.add(at(0), 0);
        path.begin(0);
        for (const [index, [x, y]] of steps.entries()) path.add(at(x, y), index);
        const [x, y] = steps.at(-1) ?? [0, 0];
        expect(path.distance(steps.length)).toBeGreaterThanOrEqual(Math.hypot(x, y) - 1e-6);
      }),
    );
  });
});
