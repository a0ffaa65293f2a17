import { PassThrough } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MessageFrames } from './message-frames.js';
import type { MessageHeader } from './message-header.js';

type Field = readonly [code: number, type: string, value: string | number];

/** A message as it is sent, little-endian. */
function message(type: number, fields: readonly Field[], body: Buffer = Buffer.alloc(0)): Buffer {
  let header: Buffer = Buffer.alloc(0);
  const pad = (bytes: number): Buffer => Buffer.alloc((bytes - (header.length % bytes)) % bytes);
  for (const [code, kind, value] of fields) {
    header = Buffer.concat([header, pad(8), Buffer.from([code, 1]), Buffer.from(`${kind}\0`)]);
    const number = Buffer.alloc(4);
    number.writeUInt32LE(typeof value === 'number' ? value : Buffer.byteLength(value));
    const length = kind === 'g' ? number.subarray(0, 1) : number;
    header = Buffer.concat([header, length, Buffer.from(typeof value === 'number' ? '' : `${value}\0`)]);
  }
  const fixed = Buffer.from([0x6c, type, 0, 1, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0]);
  fixed.writeUInt32LE(body.length, 4);
  fixed.writeUInt32LE(header.length, 12);
  return Buffer.concat([fixed, header, pad(8), body]);
}

const signal = (sender: string, body?: Buffer, extra: readonly Field[] = []): Buffer =>
  message(4, [[1, 'o', '/a'], [2, 's', 'a.b'], [3, 's', 'Changed'], [7, 's', sender], ...extra], body);

interface Heard {
  readonly headers: MessageHeader[];
  readonly bodies: string[];
  readonly faults: string[];
  ended: string | null;
}

/** What is heard of these bytes when they come in pieces of so many; bodies are wanted from `:1.1` alone. */
async function heard(bytes: Buffer, piece = bytes.length): Promise<Heard> {
  const stream = new PassThrough();
  const found: Heard = { headers: [], bodies: [], faults: [], ended: null };
  const frames = new MessageFrames(stream, {
    heed: (header) => {
      found.headers.push(header);
      return header.sender === ':1.1';
    },
    message: (_, body) => found.bodies.push(body.toString()),
    unreadable: (error) => found.faults.push(String(error)),
  });
  const closed = new Promise((resolve) => void stream.on('close', resolve));
  stream.on('error', (error) => (found.ended = error.message));
  stream.on('readable', () => {
    try {
      frames.read();
    } catch (error) {
      stream.destroy(error as Error);
    }
  });
  for (let at = 0; at < bytes.length; at += piece) stream.write(bytes.subarray(at, at + piece));
  stream.end();
  await closed;
  return found;
}

describe('MessageFrames', () => {
  it('finds the same messages however the stream is cut, and only the bodies that are wanted', async () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ ours: fc.boolean(), text })),
        fc.integer({ min: 1, max: 300 }),
        async (messages, piece) => {
          const bytes = messages.map(({ ours, text }) => signal(ours ? ':1.1' : ':1.2', Buffer.from(text)));
          const found = await heard(Buffer.concat(bytes), piece);
          expect(found.headers).toHaveLength(messages.length);
          expect(found.bodies).toEqual(messages.flatMap(({ ours, text }) => (ours ? [text] : [])));
          expect(found.faults).toEqual([]);
        },
      ),
    );
  });

  it('reads the fields of a header, and passes over those it does not know', async () => {
    const { headers } = await heard(
      signal(':1.2', undefined, [
        [8, 'g', 'sa{sv}'],
        [5, 'u', 9],
        [10, 'o', '/x'],
      ]),
    );
    expect(headers).toEqual([
      {
        type: 4,
        flags: 0,
        serial: 7,
        endian: 0x6c,
        path: '/a',
        interface: 'a.b',
        member: 'Changed',
        sender: ':1.2',
        signature: 'sa{sv}',
        replySerial: 9,
      },
    ]);
  });

  it('goes on after a header that cannot be read', async () => {
    const bad = [
      message(4, [[1, 'v', '/a']], Buffer.from('body')),
      message(4, [[7, 'u', 3]]),
      message(4, [[5, 's', 'three']]),
      message(4, [[1, 'o', '/'.repeat(100_000)]], Buffer.alloc(100_000)),
    ];
    for (const one of bad) {
      const found = await heard(Buffer.concat([one, signal(':1.1', Buffer.from('next'))]), 1000);
      expect(found).toMatchObject({ bodies: ['next'], ended: null });
      expect(found.faults).toHaveLength(1);
    }
  });

  it('passes over a large message of a stranger', async () => {
    const large = signal(':1.2', Buffer.alloc(8 * 1024 * 1024));
    const found = await heard(Buffer.concat([large, signal(':1.1', Buffer.from('next'))]), 65_536);
    expect(found.bodies).toEqual(['next']);
  });

  it('gives up where no message begins', async () => {
    for (const garbage of [
      'HTTP/1.1 400 Bad Request',
      'l\x04\0\x02aaaaaaaaaaaaaaaa',
      'l\x04\0\x01\0\0\0\x7f\0\0\0\0\0\0\0\x7f',
    ]) {
      const found = await heard(Buffer.concat([signal(':1.1', Buffer.from('one')), Buffer.from(garbage)]));
      expect(found).toMatchObject({ bodies: ['one'], ended: 'the message bus sent what is no message' });
    }
  });

  it('whatever comes, it neither throws anything else nor hangs', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.nat(120), async (noise, at) => {
        const bytes = Buffer.concat([signal(':1.1', Buffer.from('one')), signal(':1.1', Buffer.from('two'))]);
        bytes.set(noise.slice(0, Math.max(0, bytes.length - at)), Math.min(at, bytes.length));
        const { ended } = await heard(bytes);
        expect([null, 'the message bus sent what is no message']).toContain(ended);
      }),
    );
  });
});
