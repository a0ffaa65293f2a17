import type { AuditLog, ConductorApi, FleetConsole, Journal, RosControl, TicketDesk } from '@rovi/conductor';
import type { ErrorCode, Role } from '@rovi/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { TokenStore } from './access/token-store.js';
import type { Metrics } from './metrics/metrics.js';
import type { OpenStreams } from './open-streams.js';
import { parse } from './parse.js';
import type { RequestHeader } from './parse.js';
import type { Upgrades } from './websocket/upgrades.js';

/** What the routes act on. */
export interface RouteContext {
  readonly conductor: ConductorApi;
  readonly journal: Journal;
  readonly ros: RosControl;
  readonly tickets: TicketDesk;
  readonly fleet: FleetConsole;
  readonly audit: AuditLog;
  readonly tokens: TokenStore;
  readonly version: string;
  /** Event streams of `/api/events`. */
  readonly events: OpenStreams;
  /** WebSocket handshakes. */
  readonly upgrades: Upgrades;
  /** Exports of tickets; each reads the disk as fast as its client reads it. */
  readonly exports: OpenStreams;
  /** Log streams; each costs a `journalctl`. */
  readonly logs: OpenStreams;
  /** Probes of the ROS graph; each can cost a subscription. */
  readonly probes: OpenStreams;
  readonly metrics: Metrics;
  /** Monotonic milliseconds when the face began to serve. */
  readonly startedAt: number;
}

/** One way in which a route answers where nothing is wrong. */
export interface Answer {
  readonly status: 200 | 201 | 202 | 302;
  /** What it is, as a phrase. */
  readonly is: string;
  /** Default `application/json`. */
  readonly type?:
    | 'text/event-stream'
    | 'application/x-ndjson'
    | 'text/plain'
    | 'text/html'
    | 'text/css'
    | 'text/javascript'
    | 'image/svg+xml';
  /** JSON: what the body is, a schema that openapi/components.ts names. */
  readonly schema?: z.ZodType;
  /** Headers beyond those of every answer, with what each says. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Event stream: what `data` is, by the name of the event; schemas that openapi/components.ts names. */
  readonly events?: Readonly<Record<string, z.ZodType>>;
  /** Lines of JSON: what one may be; schemas that openapi/components.ts names. */
  readonly lines?: readonly z.ZodType[];
}

/** A route as it is served and as `/openapi.json` describes it: the same schemas parse and document. */
export interface RouteDescription {
  readonly method: 'GET' | 'POST';
  /** A path whose `:name` parts stand for one segment each. */
  readonly path: string;
  /** Its name for generated clients: unique, in camel case. */
  readonly id: string;
  readonly tag:
    | 'robot'
    | 'commands'
    | 'tickets'
    | 'operations'
    | 'services'
    | 'events and logs'
    | 'ROS'
    | 'fleet'
    | 'access'
    | 'gateway';
  /** One phrase. */
  readonly summary: string;
  /** Who may, over TCP; default `viewer` for GET and `operator` for POST. `anyone` needs no token. */
  readonly role?: Role | 'anyone';
  /** Whether this request is for anyone all the same: its answer says nothing of the robot. */
  readonly opens?: (request: FastifyRequest) => boolean;
  /** POST: what the audit calls it. */
  readonly command?: string;
  /** What else a caller must know, in Markdown. */
  readonly details?: string;
  readonly params?: z.ZodType;
  /** Without it the query is not looked at. */
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Bytes of the largest body, where that is more than 16 kB. */
  readonly bodyBytes?: number;
  readonly headers?: Readonly<Record<string, RequestHeader>>;
  readonly answers: readonly Answer[];
  /** What it can refuse with, beyond what any request can be refused with. */
  readonly errors?: readonly ErrorCode[];
  /** Whether its handler accepts WebSockets; at any other route they are refused. */
  readonly websocket?: true;
}

/** One route of the table. */
export interface Route extends RouteDescription {
  readonly role: Role | 'anyone';
  /** Returns what is sent as JSON, or the reply itself where it was sent already. May throw a RoviError. */
  readonly handle: (request: FastifyRequest, reply: FastifyReply) => unknown;
}

type Parsed<D, Part extends string> = D extends { readonly [key in Part]: infer S extends z.ZodType }
  ? z.output<S>
  : undefined;

/** The parts of a request, each as its schema reads it; undefined where the route has no schema for it. */
export interface Input<D> {
  readonly params: Parsed<D, 'params'>;
  readonly query: Parsed<D, 'query'>;
  readonly body: Parsed<D, 'body'>;
}

/** A route that parses what it describes, makes one conductor call, and maps the result. */
export function route<const D extends RouteDescription>(
  description: D,
  handle: (input: Input<D>, request: FastifyRequest, reply: FastifyReply) => unknown,
): Route {
  const { method, params, query, body, role, command }: RouteDescription = description;
  if (method === 'POST' && command === undefined)
    throw new Error('what changes something has a name in the audit');
  return {
    ...description,
    role: role ?? (method === 'GET' ? 'viewer' : 'operator'),
    handle: (request, reply) => {
      const input = {
        params: params && parse(params, request.params, 'path'),
        query: query && parse(query, request.query, 'query'),
        body: body && parse(body, request.body ?? undefined, 'body'),
      };
      return handle(input as Input<D>, request, reply);
    },
  };
}
