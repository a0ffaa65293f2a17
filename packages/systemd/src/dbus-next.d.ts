/**
 * The two inner modules of dbus-next 0.10.2 that we use. Its public `MessageBus` is not one of them: a refused
 * `Hello` becomes an unhandled rejection, a throwing listener answers the sender with an error, and replies that
 * never come are kept for ever (docs: PITFALLS "dbus-next"). The version is pinned, so these paths are stable.
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
    sender?: string;
    signature?: string;
    body?: readonly unknown[];
    flags?: number;
  }
  export class Message {
    constructor(fields: MessageFields);
    type: number;
    serial: number | null;
    path?: string;
    interface?: string;
    member?: string;
    errorName?: string;
    replySerial?: number;
    destination?: string;
    sender?: string;
    signature: string;
    body: unknown[];
    flags: number;
    static newError(message: Message, errorName: string, errorText: string): Message;
  }
}
