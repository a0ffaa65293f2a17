import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DiagnosticArray } from '../messages/diagnostics.js';
import { diagnosticsOf } from '../messages/diagnostics.js';
import { sampleSnapshot } from '../messages/sample-snapshot.fixture.js';
import type { StackStatesMessage } from '../messages/typed.js';
import { stackStatesOf } from '../messages/typed.js';
import { diagnosticArrayBytes, stackStatesBytes } from './cdr.js';

/** Reads little-endian CDR as a reader of the middleware does: it trusts nothing. */
class CdrReader {
  #at = 4;

  constructor(readonly bytes: Buffer) {
    expect([...bytes.subarray(0, 4)]).toEqual([0, 1, 0, 0]);
  }

  octet(): number {
    this.#at += 1;
    return this.bytes.readUInt8(this.#at - 1);
  }

  uint32(): number {
    for (; this.#at % 4 !== 0; this.#at += 1) expect(this.bytes[this.#at]).toBe(0);
    this.#at += 4;
    return this.bytes.readUInt32LE(this.#at - 4);
  }

  uint64(): bigint {
    // Alignment counts from after the encapsulation.
    for (; (this.#at - 4) % 8 !== 0; this.#at += 1) expect(this.bytes[this.#at]).toBe(0);
    this.#at += 8;
    return this.bytes.readBigUInt64LE(this.#at - 8);
  }

  time(): { sec: number; nanosec: number } {
    return { sec: this.uint32() | 0, nanosec: this.uint32() };
  }

  string(): string {
    const length = this.uint32();
    const bytes = this.bytes.subarray(this.#at, this.#at + length);
    expect(bytes).toHaveLength(length);
    // One NUL, and that at its end.
    expect(bytes.indexOf(0)).toBe(length - 1);
    this.#at += length;
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, -1));
  }

  sequence<T>(read: () => T): T[] {
    return Array.from({ length: this.uint32() }, read);
  }

  /** Nothing may be left over. */
  end(): void {
    expect(this.#at).toBe(this.bytes.length);
  }
}

function decoded(bytes: Buffer): DiagnosticArray {
  const reader = new CdrReader(bytes);
  const header = {
    stamp: { sec: reader.uint32() | 0, nanosec: reader.uint32() },
    frame_id: reader.string(),
  };
  const status = reader.sequence(() => ({
    level: reader.octet(),
    name: reader.string(),
    message: reader.string(),
    hardware_id: reader.string(),
    values: reader.sequence(() => ({ key: reader.string(), value: reader.string() })),
  }));
  reader.end();
  return { header, status };
}

function decodedStates(bytes: Buffer): StackStatesMessage {
  const reader = new CdrReader(bytes);
  const message = {
    boot_id: reader.string(),
    seq: Number(reader.uint64()),
    stamp: reader.time(),
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
        main_pid: reader.uint32() | 0,
        since: reader.time(),
        restarts: reader.uint32(),
        job_id: reader.uint32(),
        job_type: reader.string(),
      },
      expected: reader.sequence(() => ({
        name: reader.string(),
        presence: reader.octet(),
        pid: reader.uint32() | 0,
      })),
      fixed_frame: reader.string(),
      crashes: reader.uint32(),
      failure: reader.string(),
      as_of: reader.time(),
    })),
  };
  reader.end();
  return message;
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.constantFrom('\0', 'ä', '€', '\u{1f916}', '\ud800', '\udc00', 'a', '\n'),
    maxLength: 12,
  }),
);
const array = fc.record({
  header: fc.record({
    stamp: fc.record({ sec: fc.integer(), nanosec: fc.nat(999_999_999) }),
    frame_id: text,
  }),
  status: fc.array(
    fc.record({
      level: fc.nat(3),
      name: text,
      message: text,
      hardware_id: text,
      values: fc.array(fc.record({ key: text, value: text }), { maxLength: 5 }),
    }),
    { maxLength: 6 },
  ),
});

/** Text as a ROS string can carry it: no NUL, and no half of a pair. */
const carried = (value: string): string => Buffer.from(value.replaceAll('\0', ' ')).toString();

describe('DiagnosticArray as CDR', () => {
  it('is what the standard says, byte for byte', () => {
    const bytes = diagnosticArrayBytes({
      header: { stamp: { sec: 1, nanosec: 2 }, frame_id: '' },
      status: [{ level: 2, name: 'ab', message: '', hardware_id: 'x', values: [{ key: 'k', value: 'é' }] }],
    });
    expect(
      bytes
        .toString('hex')
        .replace(/(.{8})/g, '$1 ')
        .trim(),
    ).toBe(
      [
        '00010000', // CDR, little-endian
        '01000000 02000000', // stamp
        '01000000 00000000', // frame_id, filled up
        '01000000', // one status
        '02000000', // level, filled up
        '03000000 61620000', // name, filled up
        '01000000 00000000', // message
        '02000000 78000000', // hardware_id
        '01000000', // one value
        '02000000 6b000000', // key
        '03000000 c3a900', // value
      ].join(' '),
    );
  });

  it('reads back as what was written, whatever the text', () => {
    fc.assert(
      fc.property(array, (message) => {
        const expected = structuredClone(message);
        expected.header.frame_id = carried(expected.header.frame_id);
        for (const status of expected.status) {
          status.name = carried(status.name);
          status.message = carried(status.message);
          status.hardware_id = carried(status.hardware_id);
          status.values = status.values.map(({ key, value }) => ({
            key: carried(key),
            value: carried(value),
          }));
        }
        expect(decoded(diagnosticArrayBytes(message))).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it('grows with what it has to hold', () => {
    const value = 'ü'.repeat(100_000);
    const status = Array.from({ length: 50 }, (_, index) => ({
      level: 0,
      name: `rovi: ${String(index)}`,
      message: value.slice(0, index * 7),
      hardware_id: '',
      values: [{ key: 'k', value }],
    }));
    const message = { header: { stamp: { sec: 0, nanosec: 0 }, frame_id: '' }, status };
    expect(decoded(diagnosticArrayBytes(message))).toEqual(message);
  });

  it('carries the diagnostics of a robot', () => {
    const message = diagnosticsOf(sampleSnapshot(), new Map(), { sec: 7, nanosec: 8 });
    expect(decoded(diagnosticArrayBytes(message))).toEqual(message);
  });
});

describe('StackStates as CDR', () => {
  it('carries the stacks of a robot', () => {
    const message = stackStatesOf(sampleSnapshot());
    expect(message.stacks.length).toBeGreaterThan(0);
    expect(decodedStates(stackStatesBytes(message))).toEqual(message);
  });

  it('aligns what follows a text of any length', () => {
    const sample = stackStatesOf(sampleSnapshot());
    for (let length = 0; length < 9; length += 1) {
      const message = { ...sample, boot_id: 'b'.repeat(length), seq: 2 ** 52 + length };
      expect(decodedStates(stackStatesBytes(message))).toEqual(message);
    }
  });

  it('begins as the standard says, byte for byte', () => {
    const message = {
      boot_id: 'b',
      seq: 3,
      stamp: { sec: 1, nanosec: 2 },
      known: true,
      active: '',
      stacks: [],
    };
    expect(stackStatesBytes(message).toString('hex')).toBe(
      [
        '00010000', // CDR, little-endian
        '02000000', // boot_id: its length
        '62000000', // and filled up: eight bytes since the encapsulation
        '0300000000000000', // seq
        '0100000002000000', // stamp
        '01000000', // known, filled up
        '0100000000000000', // active, filled up
        '00000000', // no stack
      ].join(''),
    );
  });
});
