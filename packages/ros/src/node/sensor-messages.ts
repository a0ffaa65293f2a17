import type { RosScan } from '@rovi/contract';
import { CdrReader } from './cdr-reader.js';

/** Rays of one scan; a lidar of a robot has some thousands at most. */
const RAYS = 20_000;
const NAME_BYTES = 255;

/** A place in metres. */
export interface Position {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Where a `nav_msgs/msg/Odometry` says that the base is; null where it is nowhere, or the message is none. */
export function positionOf(bytes: Buffer): Position | null {
  try {
    const reader = new CdrReader(bytes);
    header(reader);
    reader.string(NAME_BYTES);
    const position = { x: reader.float64(), y: reader.float64(), z: reader.float64() };
    return Object.values(position).every(Number.isFinite) ? position : null;
  } catch {
    return null;
  }
}

/**
 * What a `sensor_msgs/msg/LaserScan` has seen: what is no number, or not within the sensor's bounds, is null (REP 117).
 * Throws, with a clause for people, for what is no scan or too large.
 */
export function scanOf(bytes: Buffer): RosScan {
  const reader = new CdrReader(bytes);
  const frame_id = header(reader);
  const angle_min = reader.float32();
  reader.float32();
  const angle_increment = reader.float32();
  reader.float32();
  reader.float32();
  const range_min = reader.float32();
  const range_max = reader.float32();
  const bounds = { angle_min, angle_increment, range_min, range_max };
  const odd = Object.entries(bounds).find(([, value]) => !Number.isFinite(value));
  if (odd !== undefined) throw new RangeError(`its ${odd[0]} is ${String(odd[1])}`);
  const count = reader.uint32();
  if (count > RAYS) throw new RangeError(`it has ${String(count)} ranges, more than ${String(RAYS)}`);
  const ranges = Array.from({ length: count }, () => {
    const range = reader.float32();
    return range >= range_min && range <= range_max ? short(range) : null;
  });
  return {
    frame_id,
    angle_min: short(angle_min),
    angle_increment: short(angle_increment),
    range_min: short(range_min),
    range_max: short(range_max),
    ranges,
  };
}

function header(reader: CdrReader): string {
  reader.uint32();
  reader.uint32();
  return reader.string(NAME_BYTES);
}

/** A float32 has seven digits; as a double it would be written with seventeen. */
function short(value: number): number {
  return Number(value.toPrecision(7));
}
