import type { RosProbe } from '@rovi/contract';
import type { RosMessage, RosSpec } from '../ros-transport.js';

/**
 * What gateway and ROS process say to each other over descriptor 3 of the process: one JSON value a line, UTF-8, in
 * both directions. The gateway begins with `spec`. The process answers with `ready`, or with `unavailable` and ends;
 * from `ready` on it answers each `ping` with a `pong`. Bytes in messages travel as base64 text.
 *
 * Whoever misses the other goes: the process ends when the descriptor is closed or no ping comes for
 * {@link SILENCE_MS}; the gateway kills a process that answers no ping for {@link HANG_MS}.
 */
export type ToProcess =
  | { readonly type: 'spec'; readonly spec: RosSpec }
  | { readonly type: 'publish'; readonly topic: string; readonly message: RosMessage }
  | { readonly type: 'respond'; readonly id: number; readonly response: RosMessage }
  | { readonly type: 'probe'; readonly id: number; readonly probe: RosProbe }
  /** Nobody waits for that probe any more. */
  | { readonly type: 'unprobe'; readonly id: number }
  | { readonly type: 'ping'; readonly id: number }
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
