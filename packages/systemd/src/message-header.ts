/** What precedes the body of every D-Bus message, read without a library: it is read of every message, also a stranger's. */

/** Kinds of messages. */
export const METHOD_CALL = 1;
export const METHOD_RETURN = 2;
export const ERROR = 3;
export const SIGNAL = 4;

/** Bytes of the part of a header that has a fixed length. */
export const FIXED_BYTES = 16;

/** The specification's bounds for what a message and its header fields may take. */
const MOST_BYTES = 2 ** 27;
const MOST_FIELD_BYTES = 2 ** 26;

const LITTLE = 0x6c;
const BIG = 0x42;

/** How long the rest of a message is, from the fixed part of its header. */
export interface FrameSize {
  /** Header fields with their padding. */
  readonly fields: number;
  readonly body: number;
}

/** The header of a message. `sender` is the unique name the bus vouches for, or the bus's own name. */
export interface MessageHeader {
  readonly type: number;
  readonly flags: number;
  readonly serial: number;
  /** The first byte of the message. */
  readonly endian: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  readonly errorName?: string;
  readonly replySerial?: number;
  readonly sender?: string;
  readonly signature: string;
}

const fieldNames: Readonly<Record<number, keyof MessageHeader>> = {
  1: 'path',
  2: 'interface',
  3: 'member',
  4: 'errorName',
  5: 'replySerial',
  7: 'sender',
  8: 'signature',
};

/** Reads the lengths; throws where these bytes begin no message, so that nobody knows where the next one begins. */
export function frameSize(fixed: Buffer): FrameSize {
  const [endian, , , version] = fixed;
  const length = (offset: number): number =>
    endian === LITTLE ? fixed.readUInt32LE(offset) : fixed.readUInt32BE(offset);
  const fields = length(12);
  const body = length(4);
  const sound = (endian === LITTLE || endian === BIG) && version === 1;
  if (!sound || fields > MOST_FIELD_BYTES || FIXED_BYTES + fields + body > MOST_BYTES) {
    throw new Error('the message bus sent what is no message');
  }
  return { fields: Math.ceil(fields / 8) * 8, body };
}

/** Reads a header of which both parts are there; throws where it cannot be read, which is no news about the next one. */
export function messageHeader(fixed: Buffer, fields: Buffer): MessageHeader {
  const endian = fixed[0] ?? 0;
  const number = (bytes: Buffer, offset: number): number =>
    endian === LITTLE ? bytes.readUInt32LE(offset) : bytes.readUInt32BE(offset);
  const end = number(fixed, 12);
  const found: Record<string, unknown> = { signature: '' };
  // Each field is a struct on 8 bytes: its code, its type as a signature of one character, its value.
  for (let at = 0; at < end; at = Math.ceil(at / 8) * 8) {
    const name = fieldNames[fields.readUInt8(at)];
    const type = fields.toString('latin1', at + 1, at + 4);
    at += 4;
    let value: unknown;
    if (type === '\x01u\0') {
      value = number(fields, at);
      at += 4;
    } else if (type === '\x01s\0' || type === '\x01o\0' || type === '\x01g\0') {
      const long = type !== '\x01g\0';
      const length = long ? number(fields, at) : fields.readUInt8(at);
      const begin = at + (long ? 4 : 1);
      at = begin + length + 1;
      if (at > end) throw new RangeError('a message field is longer than the header');
      value = fields.toString('utf8', begin, begin + length);
    } else {
      throw new TypeError('a message field has an unknown type');
    }
    if (name !== undefined) {
      if (typeof value === 'number' ? name !== 'replySerial' : name === 'replySerial')
        throw new TypeError(`the message field ${name} has the wrong type`);
      found[name] = value;
    }
  }
  return {
    ...found,
    type: fixed[1] ?? 0,
    flags: fixed[2] ?? 0,
    serial: number(fixed, 8),
    endian,
  } as MessageHeader;
}
