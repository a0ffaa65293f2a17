import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { positionOf, scanOf } from './sensor-messages.js';

/** The serialized message of rclpy (Jazzy, CycloneDDS): frame `odom`, child `base`, position 1.5, -2.25, 0. */
const ODOMETRY =
  '000100000500000000000000050000006f646f6d00000000050000006261736500000000000000000000f83f00000000000002c0000000000000000000000000';
/** Of the same: frame `laser`, angles -1.5 to 1.5 by 0.5, bounds 0.1 to 12, ranges 0.05, 1.5, nan, inf, 12. */
const SCAN =
  '000100000000000000000000060000006c617365720000000000c0bf0000c03f0000003f0000000000000000cdcccc3d0000404105000000cdcc4c3d0000c03f0000c07f0000807f00004041020000000000803f00000040';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('messages of sensors as ROS encodes them', () => {
  it('a position of odometry', () => {
    expect(positionOf(bytes(ODOMETRY))).toEqual({ x: 1.5, y: -2.25, z: 0 });
  });

  it('a scan: null for what was not seen within the bounds', () => {
    expect(scanOf(bytes(SCAN))).toEqual({
      frame_id: 'laser',
      angle_min: -1.5,
      angle_increment: 0.5,
      range_min: 0.1,
      range_max: 12,
      ranges: [null, 1.5, null, null, 12],
    });
  });

  it('that end anywhere are none', () => {
    const [odometry, scan] = [bytes(ODOMETRY), bytes(SCAN)];
    // The last 16 bytes of a scan are intensities, which nobody reads.
    for (let end = 0; end < 70; end += 1) {
      expect(() => scanOf(scan.subarray(0, end))).toThrow(RangeError);
      if (end < 56) expect(positionOf(odometry.subarray(0, end))).toBeNull();
    }
  });

  it('that are anything at all end nothing: a scan whose numbers are numbers, or a RangeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (any) => {
        const position = positionOf(Buffer.from(any));
        expect(position === null || Object.values(position).every(Number.isFinite)).toBe(true);
        try {
          const { ranges, frame_id, ...numbers } = scanOf(Buffer.from(any));
          expect(frame_id.length).toBeLessThanOrEqual(255);
          expect(Object.values(numbers).every(Number.isFinite)).toBe(true);
          expect(ranges.every((range) => range === null || Number.isFinite(range))).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});
