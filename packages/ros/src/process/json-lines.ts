/**
 * Cuts a byte stream into lines and reads each as JSON. A line over `limit` bytes, or one that is no JSON, is a fault;
 * the first is told once, as soon as it is too long: its end may never come.
 */
export class JsonLines {
  readonly #limit: number;
  readonly #take: (value: unknown) => void;
  readonly #fault: (text: string) => void;
  #pieces: Buffer[] = [];
  #size = 0;

  constructor(options: {
    readonly limit: number;
    readonly take: (value: unknown) => void;
    readonly fault: (text: string) => void;
  }) {
    this.#limit = options.limit;
    this.#take = options.take;
    this.#fault = options.fault;
  }

  /** The next bytes, as they came. */
  push(chunk: Buffer): void {
    let begin = 0;
    for (;;) {
      const end = chunk.indexOf(0x0a, begin);
      const piece = chunk.subarray(begin, end < 0 ? undefined : end);
      const before = this.#size;
      this.#size += piece.length;
      if (this.#size <= this.#limit) this.#pieces.push(piece);
      else {
        this.#pieces = [];
        if (before <= this.#limit) this.#fault(`a line of more than ${this.#limit} bytes`);
      }
      if (end < 0) return;
      this.#line();
      begin = end + 1;
    }
  }

  #line(): void {
    const tooLong = this.#size > this.#limit;
    const text = Buffer.concat(this.#pieces).toString('utf8');
    this.#pieces = [];
    this.#size = 0;
    if (tooLong) return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return this.#fault('a line that is no JSON');
    }
    this.#take(value);
  }
}
