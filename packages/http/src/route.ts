import type { ConductorApi, Journal, RosControl } from '@rovi/conductor';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OpenStreams } from './open-streams.js';

/** What the routes act on. */
export interface RouteContext {
  readonly conductor: ConductorApi;
  readonly journal: Journal;
  readonly ros: RosControl;
  readonly version: string;
  /** Event streams of `/api/events`. */
  readonly events: OpenStreams;
  /** Log streams; each costs a `journalctl`. */
  readonly logs: OpenStreams;
  /** Probes of the ROS graph; each can cost a subscription. */
  readonly probes: OpenStreams;
  /** Monotonic milliseconds when the face began to serve. */
  readonly startedAt: number;
}

/** One route: parses with a contract schema, makes one conductor call, maps the result. */
export interface Route {
  readonly method: 'GET' | 'POST';
  /** A path whose `:name` parts stand for one segment each. */
  readonly path: string;
  /** Returns what is sent as JSON, or the reply itself where it was sent already. May throw a RoviError. */
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => unknown;
}
