import { z } from 'zod';
import { problemSchema } from './errors.js';
import { eventSchema } from './events.js';
import { timestampSchema } from './state.js';

/** Milliseconds between two signs of life on a WebSocket on which nothing else is said. */
export const ALIVE_MS = 5_000;

/** The last that a WebSocket or an answer in lines says where it is cut off, with why. */
export const droppedMessageSchema = z.object({ type: z.literal('dropped'), problem: problemSchema });

/**
 * What a WebSocket at `/api/events` carries, one JSON text message each: the events of the stream, the first a
 * snapshot or what was missed; `alive` when nothing was said for {@link ALIVE_MS}; `dropped` before the server closes.
 */
export const liveMessageSchema = z.union([
  eventSchema,
  z.object({ type: z.literal('alive'), seq: z.int(), at: timestampSchema }),
  droppedMessageSchema,
]);
export type LiveMessage = z.output<typeof liveMessageSchema>;

/** Why the server closed a WebSocket: codes of RFC 6455's private range. */
export const CLOSE = {
  /** It did not read what it was sent. Connect again. */
  tooSlow: 4408,
  /** Its token was revoked or has expired. Ask for another. */
  accessEnded: 4401,
  /** The gateway stops. Connect again when it is back. */
  stopping: 4503,
  /** It sent something: this stream goes one way. */
  notHeard: 4400,
} as const;
