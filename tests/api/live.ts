import { once } from 'node:events';
import { EVENTS_PROTOCOL, liveMessageSchema } from '@rovi/contract';
import type { LiveMessage, RoviEvent } from '@rovi/contract';
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';

export interface LiveOptions extends ClientOptions {
  /** What stands after `/api/events`, such as `?since=1&boot=x`. */
  readonly query?: string;
  readonly protocols?: string[];
}

/** A real WebSocket on the API's socket, which keeps all that it hears. */
export class Live {
  readonly webSocket: WebSocket;
  readonly heard: LiveMessage[] = [];
  /** The code it was closed with, once it is. */
  code: number | null = null;

  constructor(
    socketPath: string,
    { query = '', protocols = [EVENTS_PROTOCOL], ...options }: LiveOptions = {},
  ) {
    this.webSocket = new WebSocket(`ws+unix:${socketPath}:/api/events${query}`, protocols, {
      perMessageDeflate: false,
      ...options,
    });
    this.webSocket.on('message', (data: Buffer) =>
      this.heard.push(liveMessageSchema.parse(JSON.parse(data.toString()))),
    );
    this.webSocket.on('close', (code) => (this.code = code));
    this.webSocket.on('error', () => undefined);
  }

  /** One that is connected. */
  static async open(socketPath: string, options: LiveOptions = {}): Promise<Live> {
    const live = new Live(socketPath, options);
    await once(live.webSocket, 'open');
    return live;
  }

  /** The events among what was heard. */
  get events(): RoviEvent[] {
    return this.heard.filter((one): one is RoviEvent => one.type !== 'alive' && one.type !== 'dropped');
  }

  /** The number of the last event; -1 before the first. */
  get seq(): number {
    return this.events.at(-1)?.seq ?? -1;
  }
}
