import type { RosProbe } from '@rovi/contract';
import type { DriveOrder, HaltOrder, RosMessage, RosSpec } from '../ros-transport.js';

/**
 * What gateway and ROS process say to each other over descriptor 3 of the process: one JSON value a line, UTF-8, in
 * both directions. The gateway begins with `spec`. The process answers with `ready`, or with `unavailable` and ends;
 * from `ready` on it answers each `ping` with a `pong`. Bytes in messages travel as base64 text.
 *
 * Whoever misses the other goes: the process ends when the descriptor is closed or no ping comes for
 * {@link SILENCE_MS}; the gateway kills a process that answers no ping for {@link HANG_MS}.
 *
 * A drive is kept alive by both: the gateway sends `keep` each {@link KEEP_MS}, and the process answers `kept`. Where
 * no keep comes that was sent within {@link DEAD_MS}, the process stops the base: it goes by when a keep was sent, not
 * by when it was read, so keeps that waited in a full channel keep nothing alive. The gateway gives up a drive that is
 * not kept for {@link LOST_MS}. `drove` comes once for each drive. Times of `at` are of {@link monotonicMs}.
 */
export type ToProcess =
  | { readonly type: 'spec'; readonly spec: RosSpec }
  | { readonly type: 'publish'; readonly topic: string; readonly message: RosMessage }
  | { readonly type: 'respond'; readonly id: number; readonly response: RosMessage }
  | { readonly type: 'probe'; readonly id: number; readonly probe: RosProbe }
  /** Nobody waits for that probe any more. */
  | { readonly type: 'unprobe'; readonly id: number }
  | { readonly type: 'ping'; readonly id: number }
  /** Move the base. */
  | { readonly type: 'drive'; readonly id: number; readonly at: number; readonly order: DriveOrder }
  | { readonly type: 'keep'; readonly id: number; readonly at: number }
  /** Stop the base, whatever moves it: a drive is over, and zeros go out also where there is none. */
  | { readonly type: 'halt'; readonly order: HaltOrder }
  | { readonly type: 'scan'; readonly id: number; readonly topic: string }
  /** Nobody waits for that scan any more. */
  | { readonly type: 'unscan'; readonly id: number }
  /** Leave the graph and end. */
  | { readonly type: 'bye' };

/** Milliseconds between two pings. */
export const PING_MS = 1_000;
/** Milliseconds without an answer after which the process counts as hung. */
export const HANG_MS = 5_000;
/** Milliseconds without a ping after which the process leaves the graph: stale topics must not stay in it. */
export const SILENCE_MS = 15_000;
/** The longest line either side takes, in bytes. */
export const LINE_BYTES = 32 * 1024 * 1024;

/** Milliseconds between two keeps. */
export const KEEP_MS = 100;
/** The dead man's switch: milliseconds since the last keep was sent after which the base is stopped. */
export const DEAD_MS = 300;
/** Milliseconds without a `kept` after which a drive counts as lost. */
export const LOST_MS = 1_000;

/** Milliseconds on the clock that gateway and process share: CLOCK_MONOTONIC. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
