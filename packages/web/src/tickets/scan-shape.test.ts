import { describe, expect, it } from 'vitest';
import { degreesText, scanOf, scanShape } from './scan-shape.js';

const quarter = Math.PI / 2;
const result = {
  command: 'scan',
  simulated: true,
  angle_min: -quarter,
  angle_increment: quarter,
  // To the right, ahead, to the left, nothing behind.
  ranges: [1, 2, 4, null],
  nearest: { distance: 1, angle: -quarter },
};

describe('scanOf', () => {
  it('is null for the results of other commands', () => {
    expect(scanOf(null)).toBeNull();
    expect(scanOf({ command: 'drive', distance_traveled: 1 })).toBeNull();
    expect(scanOf({ ...result, ranges: 'many' })).toBeNull();
  });

  it('takes what is no distance for nothing seen', () => {
    expect(scanOf({ ...result, ranges: [1, 'x', -1, undefined] })?.ranges).toEqual([1, null, null, null]);
  });
});

describe('scanShape', () => {
  const shapeOf = (part: object, radius = 100) => {
    const scan = scanOf({ ...result, ...part });
    if (scan === null) throw new Error('no scan');
    return scanShape(scan, radius);
  };

  it('has forward above and its left at the left, with rings of round metres', () => {
    const shape = shapeOf({});
    expect(shape.rings).toEqual([
      { metres: 2, radius: 50 },
      { metres: 4, radius: 100 },
    ]);
    expect(shape.points).toBe('M25 0h0M0 -50h0M-100 0h0');
    expect(shape.nearest).toEqual({ x: 25, y: 0 });
    expect(shape.seen).toBe(3);
  });

  it('stands where nothing was seen, and where there are more rays than can be drawn', () => {
    const empty = shapeOf({ ranges: [null, null], nearest: null });
    expect(empty).toMatchObject({ points: '', seen: 0, nearest: null, rings: [{ metres: 1, radius: 100 }] });
    const many = shapeOf({ ranges: Array.from({ length: 100_000 }, () => 3), angle_increment: 0.0001 });
    expect(many.seen).toBe(100_000);
    expect(many.points.split('M').length - 1).toBe(2_000);
  });
});

describe('degreesText', () => {
  it('goes from more than -180 to 180', () => {
    expect([0, quarter, -quarter, Math.PI, -Math.PI, 3 * quarter].map(degreesText)).toEqual([
      '0°',
      '90°',
      '-90°',
      '180°',
      '180°',
      '-90°',
    ]);
  });
});
