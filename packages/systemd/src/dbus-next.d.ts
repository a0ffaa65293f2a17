/**
 * The inner modules of dbus-next 0.10.2 that we use. Its public `MessageBus` is not one of them: a refused
 * `Hello` becomes an unhandled rejection, a throwing listener answers the sender with an error, and replies that
 * never come are kept for ever (docs: PITFALLS "dbus-next"). Its parser is not either: one message that it cannot
 * read, of anybody's, throws into the event loop. The version is pinned, so these paths are stable.
 */
declare module 'dbus-next/lib/connection.js' {
  import type { EventEmitter } from 'node:events';
  import type { Socket } from 'node:net';
  import type { Message } from 'dbus-next/lib/message-type.js';

  interface Connection extends EventEmitter {
    readonly stream: Socket;
    message(message: Message): void;
  }
  export default function createConnection(options: {
    busAddress: string;
    authMethods?: readonly string[];
  }): Connection;
}

declare module 'dbus-next/lib/dbus-buffer.js' {
  /** Unmarshals a body; `fds` are the descriptors that came with it. */
  export default class DBusBuffer {
    constructor(buffer: Buffer, startPos: number, endian: number, fds: null, options: { ayBuffer: boolean });
    read(signature: string): unknown[];
  }
}

declare module 'dbus-next/lib/marshall-compat.js' {
  const compat: {
    /** Turns variants and dictionaries of an unmarshalled body, in place, into those of `Message`. */
    messageToJsFmt(message: { signature: string; body: unknown[] }): { body: unknown[] };
  };
  export default compat;
}

declare module 'dbus-next/lib/message-type.js' {
  interface MessageFields {
    type?: number;
    serial?: number;
    path?: string;
    interface?: string;
    member?: string;
    errorName?: string;
    replySerial?: number;
    destination?: string;
    signature?: string;
    body?: readonly unknown[];
    flags?: number;
  }
  /** A message to be sent. */
  export class Message {
    constructor(fields: MessageFields);
  }
}
