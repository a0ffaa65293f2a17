/** Reads values of little-endian CDR one after the other; throws where the bytes end too early. */
export class CdrReader {
  readonly #bytes: Buffer;
  #at = 4;

  constructor(bytes: Buffer) {
    if (bytes.readUInt16BE(0) !== 1) throw new Error('expected little-endian CDR');
    this.#bytes = bytes;
  }

  octet(): number {
    this.#at += 1;
    return this.#bytes.readUInt8(this.#at - 1);
  }

  uint32(): number {
    this.#at = Math.ceil(this.#at / 4) * 4 + 4;
    return this.#bytes.readUInt32LE(this.#at - 4);
  }

  int32(): number {
    return this.uint32() | 0;
  }

  /** Aligned as the standard counts: from after the four bytes of encapsulation. */
  uint64(): bigint {
    this.#at = Math.ceil((this.#at - 4) / 8) * 8 + 12;
    return this.#bytes.readBigUInt64LE(this.#at - 8);
  }

  string(): string {
    const length = this.uint32();
    this.#at += length;
    if (length === 0 || this.#bytes[this.#at - 1] !== 0) throw new Error('expected a string that ends');
    return this.#bytes.toString('utf8', this.#at - length, this.#at - 1);
  }

  sequence<T>(read: () => T): T[] {
    return Array.from({ length: this.uint32() }, read);
  }
}

/** `diagnostic_msgs/msg/DiagnosticArray`. */
export interface Diagnostics {
  readonly header: { readonly stamp: { sec: number; nanosec: number }; readonly frame_id: string };
  readonly status: readonly {
    readonly level: number;
    readonly name: string;
    readonly message: string;
    readonly hardware_id: string;
    readonly values: readonly { readonly key: string; readonly value: string }[];
  }[];
}

/** Reads a DiagnosticArray as a subscriber's middleware does. */
export function readDiagnostics(bytes: Buffer): Diagnostics {
  const reader = new CdrReader(bytes);
  return {
    header: { stamp: { sec: reader.uint32(), nanosec: reader.uint32() }, frame_id: reader.string() },
    status: reader.sequence(() => ({
      level: reader.octet(),
      name: reader.string(),
      message: reader.string(),
      hardware_id: reader.string(),
      values: reader.sequence(() => ({ key: reader.string(), value: reader.string() })),
    })),
  };
}

/** Reads a `rovi_interfaces/msg/StackStates` as a subscriber's middleware does; the sequence number as a plain one. */
export function readStackStates(bytes: Buffer): Record<string, unknown> {
  const reader = new CdrReader(bytes);
  const time = (): { sec: number; nanosec: number } => ({ sec: reader.int32(), nanosec: reader.uint32() });
  return {
    boot_id: reader.string(),
    seq: Number(reader.uint64()),
    stamp: time(),
    known: reader.octet() === 1,
    active: reader.string(),
    stacks: reader.sequence(() => ({
      name: reader.string(),
      description: reader.string(),
      state: reader.string(),
      verdict: { level: reader.octet(), text: reader.string() },
      unit: {
        unit: reader.string(),
        load_state: reader.string(),
        active_state: reader.string(),
        sub_state: reader.string(),
        result: reader.string(),
        invocation_id: reader.string(),
        main_pid: reader.int32(),
        since: time(),
        restarts: reader.uint32(),
        job_id: reader.uint32(),
        job_type: reader.string(),
      },
      expected: reader.sequence(() => ({
        name: reader.string(),
        presence: reader.octet(),
        pid: reader.int32(),
      })),
      fixed_frame: reader.string(),
      crashes: reader.uint32(),
      failure: reader.string(),
      as_of: time(),
    })),
  };
}
