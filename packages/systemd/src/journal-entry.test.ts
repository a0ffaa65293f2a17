import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logEntrySchema } from '@rovi/contract';
import { boundedLines } from './bounded-lines.js';
import { journalEntry } from './journal-entry.js';

const line = (fields: Record<string, unknown>): string =>
  JSON.stringify({ __CURSOR: 's=1', __REALTIME_TIMESTAMP: '1700000000123456', ...fields });

describe('journalEntry', () => {
  it('reads text, bytes and repeated fields', () => {
    expect(journalEntry(line({ MESSAGE: 'hello', PRIORITY: '3', _PID: '12' }), 'a.service')).toMatchObject({
      message: 'hello',
      priority: 3,
      pid: 12,
      at: '2023-11-14T22:13:20.123Z',
    });
    expect(journalEntry(line({ MESSAGE: [104, 105, 255] }), 'a.service')?.message).toBe('hi\ufffd');
    expect(journalEntry(line({ MESSAGE: ['first', 'second'] }), 'a.service')?.message).toBe('first');
    expect(journalEntry(line({ MESSAGE: null }), 'a.service')?.message).toBe('');
  });

  it('believes what systemd says about the unit of nobody but systemd', () => {
    const both = { INVOCATION_ID: 'said', _SYSTEMD_INVOCATION_ID: 'own' };
    expect(journalEntry(line({ ...both, _PID: '1' }), 'a.service')?.invocation_id).toBe('said');
    expect(journalEntry(line({ ...both, _PID: '12' }), 'a.service')?.invocation_id).toBe('own');
    expect(journalEntry(line({ INVOCATION_ID: 'said' }), 'a.service')?.invocation_id).toBeNull();
  });

  it('shortens what is endless, and passes over what is no entry', () => {
    expect(journalEntry(line({ MESSAGE: 'x'.repeat(100_000) }), 'a.service')?.message.length).toBeLessThan(
      66_000,
    );
    for (const text of ['', '[]', 'null', '{}', '{"__CURSOR":"x"}', 'Hint: you are not']) {
      expect(journalEntry(text, 'a.service')).toBeNull();
    }
  });

  it('whatever a field holds, the entry is one of the contract', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('MESSAGE', 'PRIORITY', '_PID', '_COMM', 'INVOCATION_ID'),
          fc.jsonValue(),
        ),
        (fields) => {
          expect(logEntrySchema.safeParse(journalEntry(line(fields), 'a.service')).success).toBe(true);
        },
      ),
    );
  });
});

describe('boundedLines', () => {
  const lines = async (text: Buffer, chunk: number, limit: number): Promise<string[]> => {
    // eslint-disable-next-line @typescript-eslint/require-await
    async function* pieces() {
      for (let at = 0; at < text.length; at += chunk) yield text.subarray(at, at + chunk);
    }
    const found: string[] = [];
    for await (const one of boundedLines(pieces(), limit)) found.push(one);
    return found;
  };

  it('gives the same lines however the text is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.integer({ min: 1, max: 9 }),
        async (texts, chunk) => {
          const whole = texts.map((text) => text.replaceAll('\n', ' '));
          const bytes = Buffer.from(whole.map((text) => `${text}\n`).join(''));
          expect(await lines(bytes, chunk, 1e6)).toEqual(whole);
        },
      ),
    );
  });

  it('leaves out a line that is too long, and only that', async () => {
    expect(await lines(Buffer.from('ab\nabcdef\ncd\nabcdefg'), 3, 4)).toEqual(['ab', 'cd']);
  });
});
