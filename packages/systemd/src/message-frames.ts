/**
 * Cuts a bus's stream into messages. Anyone on the machine may send us any message the bus lets pass, and as many as
 * they like: so a body is only collected where somebody wants it, everything else is passed over as it arrives, and
 * one message that cannot be read is no reason to stop reading.
 */
import type { Readable } from 'node:stream';
import type { FrameSize, MessageHeader } from './message-header.js';
import { FIXED_BYTES, frameSize, messageHeader } from './message-header.js';

/** Header fields are names and a path: more than this is passed over unread. */
const MOST_FIELD_BYTES = 64 * 1024;

/** Who hears of messages. None of these may throw. */
export interface FrameListener {
  /** A message's header has been read. False if its body is not wanted: it is then passed over. */
  readonly heed: (header: MessageHeader) => boolean;
  /** A message that was wanted is there. */
  readonly message: (header: MessageHeader, body: Buffer) => void;
  /** A message was passed over because its header cannot be read. */
  readonly unreadable: (error: unknown) => void;
}

/** The messages of one stream. Call {@link MessageFrames.read} whenever the stream is readable. */
export class MessageFrames {
  readonly #stream: Readable;
  readonly #listener: FrameListener;
  #fixed: Buffer | null = null;
  #size: FrameSize = { fields: 0, body: 0 };
  #wanted: MessageHeader | null = null;
  #skip = 0;

  constructor(stream: Readable, listener: FrameListener) {
    this.#stream = stream;
    this.#listener = listener;
  }

  /** Takes all that has arrived. Throws where what arrived is no message: then nothing after it can be read. */
  read(): void {
    while (this.#step());
  }

  /** One step further; false if more has to arrive for it. */
  #step(): boolean {
    if (this.#skip > 0) {
      const piece = this.#take(Math.min(this.#skip, Math.max(1, this.#stream.readableLength)));
      this.#skip -= piece?.length ?? 0;
      return piece !== null;
    }
    if (this.#wanted !== null) {
      const body = this.#take(this.#size.body);
      if (body === null) return false;
      const header = this.#wanted;
      this.#wanted = null;
      this.#listener.message(header, body);
      return true;
    }
    if (this.#fixed === null) {
      this.#fixed = this.#take(FIXED_BYTES);
      if (this.#fixed === null) return false;
      this.#size = frameSize(this.#fixed);
      if (this.#size.fields <= MOST_FIELD_BYTES) return true;
      this.#fixed = null;
      this.#skip = this.#size.fields + this.#size.body;
      this.#listener.unreadable(new RangeError('a message has an overlong header'));
      return true;
    }
    const fields = this.#take(this.#size.fields);
    if (fields === null) return false;
    const header = this.#header(this.#fixed, fields);
    this.#fixed = null;
    if (header !== null && this.#listener.heed(header)) this.#wanted = header;
    else this.#skip = this.#size.body;
    return true;
  }

  #header(fixed: Buffer, fields: Buffer): MessageHeader | null {
    try {
      return messageHeader(fixed, fields);
    } catch (error) {
      this.#listener.unreadable(error);
      return null;
    }
  }

  /** So many bytes, once they are there. At the end of the stream fewer may be left: they are no message. */
  #take(bytes: number): Buffer | null {
    if (bytes === 0) return Buffer.alloc(0);
    const piece = this.#stream.read(bytes) as Buffer | null;
    return piece === null || piece.length < bytes ? null : piece;
  }
}
