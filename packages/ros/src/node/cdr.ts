import type { DiagnosticArray } from '../messages/diagnostics.js';

/**
 * `diagnostic_msgs/msg/DiagnosticArray` as the middleware carries it: little-endian CDR (OMG DDSI-RTPS 10.2), with its
 * four bytes of encapsulation. rclnodejs takes 37 ms of its only thread for 30 units with 10 values each, and a second
 * for a thousand: too long for one that also serves stops.
 */
export function diagnosticArrayBytes({ header, status }: DiagnosticArray): Buffer {
  const out = new CdrWriter();
  out.uint32(header.stamp.sec);
  out.uint32(header.stamp.nanosec);
  out.string(header.frame_id);
  out.uint32(status.length);
  for (const { level, name, message, hardware_id, values } of status) {
    out.octet(level);
    out.string(name);
    out.string(message);
    out.string(hardware_id);
    out.uint32(values.length);
    for (const { key, value } of values) {
      out.string(key);
      out.string(value);
    }
  }
  return out.bytes();
}

/** Writes CDR values one after the other, each aligned to its size as counted from after the encapsulation. */
class CdrWriter {
  #buffer = Buffer.alloc(16 * 1024);
  #end = 4;

  constructor() {
    this.#buffer[1] = 1; // CDR_LE
  }

  octet(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#end] = value;
    this.#end += 1;
  }

  uint32(value: number): void {
    this.#reserve(8);
    while (this.#end % 4 !== 0) {
      this.#buffer[this.#end] = 0;
      this.#end += 1;
    }
    this.#buffer.writeUInt32LE(value >>> 0, this.#end);
    this.#end += 4;
  }

  /** Its length in bytes with the closing NUL, then both. A NUL inside would end it early: it becomes a space. */
  string(text: string): void {
    const clean = text.replaceAll('\0', ' ');
    const length = Buffer.byteLength(clean, 'utf8') + 1;
    this.uint32(length);
    this.#reserve(length);
    this.#buffer.write(clean, this.#end, 'utf8');
    this.#buffer[this.#end + length - 1] = 0;
    this.#end += length;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#end);
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#buffer.length) return;
    const larger = Buffer.alloc(Math.max(this.#buffer.length * 2, this.#end + bytes));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}
