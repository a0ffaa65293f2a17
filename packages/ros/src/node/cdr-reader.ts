/** Bytes before the first value. */
const ENCAPSULATION = 4;

/**
 * Reads CDR values one after the other, each aligned to its size as counted from after the encapsulation, which names
 * the byte order. Throws a RangeError where the bytes end early.
 */
export class CdrReader {
  readonly #bytes: Buffer;
  readonly #little: boolean;
  #at = ENCAPSULATION;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#little = bytes.length >= ENCAPSULATION && (bytes[1] ?? 0) % 2 === 1;
  }

  uint32(): number {
    const at = this.#next(4);
    return this.#little ? this.#bytes.readUInt32LE(at) : this.#bytes.readUInt32BE(at);
  }

  float32(): number {
    const at = this.#next(4);
    return this.#little ? this.#bytes.readFloatLE(at) : this.#bytes.readFloatBE(at);
  }

  float64(): number {
    const at = this.#next(8);
    return this.#little ? this.#bytes.readDoubleLE(at) : this.#bytes.readDoubleBE(at);
  }

  /** Without its closing NUL; of longer ones the first `limit` bytes. */
  string(limit: number): string {
    const length = this.uint32();
    const begin = this.#at;
    if (begin + length > this.#bytes.length) throw new RangeError('the message ends early');
    this.#at += length;
    return this.#bytes.toString('utf8', begin, begin + Math.min(Math.max(0, length - 1), limit));
  }

  #next(size: number): number {
    const over = (this.#at - ENCAPSULATION) % size;
    const at = over === 0 ? this.#at : this.#at + size - over;
    if (at + size > this.#bytes.length) throw new RangeError('the message ends early');
    this.#at = at + size;
    return at;
  }
}
