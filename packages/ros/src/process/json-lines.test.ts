import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonLines } from './json-lines.js';

/** What is told of these pieces, in order. */
function told(pieces: readonly Uint8Array[], limit = 1000): unknown[] {
  const heard: unknown[] = [];
  const lines = new JsonLines({
    limit,
    take: (value) => heard.push({ value }),
    fault: (fault) => heard.push({ fault }),
  });
  for (const piece of pieces) lines.push(Buffer.from(piece));
  return heard;
}

/** The bytes, cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

const line = fc.oneof(
  { arbitrary: fc.json({ stringUnit: 'binary' }), weight: 5 },
  { arbitrary: fc.constantFrom('', '{', 'nonsense', '"ä€\u{1f916}"', 'x'.repeat(200)), weight: 2 },
);

describe('JSON lines', () => {
  it('are the same values however the bytes come', () => {
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 8 }),
        fc.array(fc.nat(), { maxLength: 20 }),
        (lines, places) => {
          const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''), 'utf8');
          const whole = told([bytes], 100);
          expect(told(cut(bytes, places), 100)).toEqual(whole);
          expect(
            told(
              [...bytes].map((byte) => Uint8Array.of(byte)),
              100,
            ),
          ).toEqual(whole);
          expect(whole).toHaveLength(lines.length);
        },
      ),
    );
  });

  it('are each one value', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (values) => {
        const bytes = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));
        expect(told([bytes], 1e6)).toEqual(
          values.map((value) => ({ value: JSON.parse(JSON.stringify(value)) as unknown })),
        );
      }),
    );
  });

  it('wait for their end', () => {
    expect(told([Buffer.from('{"a":1}')])).toEqual([]);
  });

  it('are a fault where they are no JSON; the next is read again', () => {
    expect(told([Buffer.from('garbage\n\n[1]\n')])).toEqual([
      { fault: 'a line that is no JSON' },
      { fault: 'a line that is no JSON' },
      { value: [1] },
    ]);
  });

  it('are a fault, once, as soon as they are too long, also without an end', () => {
    const fault = { fault: 'a line of more than 10 bytes' };
    expect(told([Buffer.from('12345678901')], 10)).toEqual([fault]);
    expect(told([Buffer.from('123456'), Buffer.from('789012'), Buffer.from('3456\n7\n')], 10)).toEqual([
      fault,
      { value: 7 },
    ]);
    expect(told([Buffer.from('1234567890\n')], 10)).toEqual([{ value: 1234567890 }]);
  });
});
