import type { CLOSE, Problem } from '@rovi/contract';

/** Why a stream is ended, for those whose protocol has codes. */
export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** What every kind of stream to a client has in common. */
export interface OpenStream {
  /** Aborts when the client is gone or was dropped. */
  readonly closed: AbortSignal;
  /** Begins. Whoever must know of the end listens before: it can come at once. */
  open(): void;
  /** Ends it with the reason. */
  drop(reason: Problem, code: CloseCode): void;
}

/** A stream of the conductor's events; each frame is one event as the stream's protocol writes it. */
export interface EventSink extends OpenStream {
  /**
   * Sends what the client asked for at the beginning, however large: the bound is for what comes after. `seq` is the
   * number of the last event that this contains.
   */
  begin(frames: readonly Buffer[], seq: number): void;
  /** Sends the event `seq`, or drops the client when it has too much to read already. Never throws. */
  send(frame: Buffer, seq: number): void;
}
