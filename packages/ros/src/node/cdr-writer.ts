/** Bytes before the first value. */
const ENCAPSULATION = 4;

/** Writes CDR values one after the other, each aligned to its size as counted from after the encapsulation. */
export class CdrWriter {
  #buffer = Buffer.alloc(16 * 1024);
  #end = ENCAPSULATION;

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

  /** The low 32 bits are what an `int32` has too. */
  int32(value: number): void {
    this.uint32(value);
  }

  uint64(value: bigint): void {
    this.#reserve(16);
    // Alignment counts from after the encapsulation.
    while ((this.#end - ENCAPSULATION) % 8 !== 0) {
      this.#buffer[this.#end] = 0;
      this.#end += 1;
    }
    this.#buffer.writeBigUInt64LE(value, this.#end);
    this.#end += 8;
  }

  bool(value: boolean): void {
    this.octet(value ? 1 : 0);
  }

  sequence<T>(items: readonly T[], write: (item: T) => void): void {
    this.uint32(items.length);
    for (const item of items) write(item);
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
