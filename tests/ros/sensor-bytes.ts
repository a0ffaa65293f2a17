/** Messages of sensors as their middleware carries them: little-endian CDR, written by hand. */

/** A `nav_msgs/msg/Odometry` up to its position; nobody here reads on. */
export function odometryBytes(x: number, y: number): Buffer {
  const head = Buffer.concat([header('odom'), text('base_link')]);
  return encapsulated(Buffer.concat([pad(head, 8), doubles(x, y, 0)]));
}

/** A `sensor_msgs/msg/LaserScan`. */
export function scanBytes(ranges: readonly number[], bounds: { min?: number; max?: number } = {}): Buffer {
  const { min = 0.1, max = 12 } = bounds;
  const fields = floats(-1.5, 1.5, 0.5, 0, 0.1, min, max);
  const head = pad(header('laser'), 4);
  return encapsulated(Buffer.concat([head, fields, uint32(ranges.length), floats(...ranges), uint32(0)]));
}

function encapsulated(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([0, 1, 0, 0]), body]);
}

function header(frame: string): Buffer {
  return pad(Buffer.concat([uint32(1), uint32(2), text(frame)]), 4);
}

function text(value: string): Buffer {
  return Buffer.concat([uint32(value.length + 1), Buffer.from(`${value}\0`)]);
}

function pad(bytes: Buffer, size: number): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((size - (bytes.length % size)) % size)]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function floats(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeFloatLE(value, 4 * index);
  return bytes;
}

function doubles(...values: number[]): Buffer {
  const bytes = Buffer.alloc(8 * values.length);
  for (const [index, value] of values.entries()) bytes.writeDoubleLE(value, 8 * index);
  return bytes;
}
