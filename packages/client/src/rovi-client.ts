import {
  HEADERS,
  activeSchema,
  actorNameSchema,
  auditListSchema,
  RoviError,
  eventSchema,
  failureReportSchema,
  graphSchema,
  healthSchema,
  impactSchema,
  logEntrySchema,
  logListSchema,
  operationListSchema,
  operationSchema,
  rosProbeResultSchema,
  rosStatusSchema,
  serviceHealthReportSchema,
  serviceListSchema,
  serviceStatusSchema,
  sessionSchema,
  snapshotSchema,
  stackDetailSchema,
  stackListSchema,
  timelineSchema,
} from '@rovi/contract';
import type {
  Active,
  AuditEntry,
  FailureReport,
  Graph,
  Health,
  Impact,
  LogEntry,
  Operation,
  OperationKind,
  RosProbe,
  RosProbeResult,
  RosStatus,
  RoviEvent,
  ServiceHealthReport,
  ServiceStatus,
  Session,
  Snapshot,
  StackDetail,
  StackStatus,
  Timeline,
} from '@rovi/contract';
import { foreignAnswer, jsonOf, reportedError } from './failure.js';
import { serverEvents } from './server-events.js';
import type { Reconnection } from './server-events.js';
import type { Transport } from './transport.js';

/** Milliseconds for answers that wait for nothing but the gateway. */
const READ_MS = 15_000;
/** Milliseconds for a command to end: more than any catalog's usual timeouts; a switch can use each of them twice. */
const COMMAND_MS = 600_000;

export interface ApiClientOptions {
  /** The way to the gateway. */
  readonly transport: Transport;
  /** Who commands, for the record: 1 to 64 letters, digits or `_ . @ + : -`. */
  readonly actor?: string;
  readonly face?: 'cli' | 'http' | 'web';
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds. */
  readonly timeout?: number;
}

export interface CommandOptions extends CallOptions {
  readonly reason?: string;
  /** Instead of the client's own actor. */
  readonly actor?: string;
  /** The `token` of the impact that was shown: refused with `situation-changed` where it would hit anything else by now. */
  readonly confirm?: string;
  /** Answer as soon as the operation is accepted, with its running record. */
  readonly async?: boolean;
}

export interface EventsOptions extends Reconnection {
  /** Resume after this sequence number of the run `boot`; the server begins with a snapshot where it cannot. */
  readonly since?: number;
  readonly boot?: string;
  readonly signal?: AbortSignal;
}

export interface LogSelection {
  /** The last so many entries; the server's default is 100. */
  readonly lines?: number;
  /** 32 hexadecimal digits, or `latest`. */
  readonly invocation?: string;
  /** Continue after this cursor. */
  readonly after?: string;
  /** Only this syslog priority or more urgent. */
  readonly priority?: number;
}

/** What a follower of a journal may want. */
export interface FollowOptions extends LogSelection, Reconnection {
  readonly signal?: AbortSignal;
}

interface Parser<Output> {
  safeParse(value: unknown): { success: true; data: Output } | { success: false; error: Error };
}

/**
 * The gateway's API, typed. Every method rejects with a RoviError: the server's own code, mend and context; or
 * `gateway-unreachable` (`context.reason` says how), `socket-denied`, and `internal` for an answer that is not Rovi's.
 * An aborted signal rejects with its own reason; it gives up waiting and never ends an operation.
 */
export class ApiClient {
  readonly #transport: Transport;
  readonly #actor: string | undefined;
  readonly #face: string;

  constructor(options: ApiClientOptions) {
    this.#transport = options.transport;
    this.#actor = options.actor;
    this.#face = options.face ?? 'http';
  }

  health(options: CallOptions = {}): Promise<Health> {
    return this.#get('/api/health', healthSchema, options);
  }

  /** The whole state at one moment. */
  state(options: CallOptions = {}): Promise<Snapshot> {
    return this.#get('/api/state', snapshotSchema, options);
  }

  /** All stacks in the catalog's order. */
  async stacks(options: CallOptions = {}): Promise<StackStatus[]> {
    return (await this.#get('/api/stacks', stackListSchema, options)).stacks;
  }

  /** One stack with its figures. */
  stack(name: string, options: CallOptions = {}): Promise<StackDetail> {
    return this.#get(stackPath(name), stackDetailSchema, options);
  }

  /** Why its last run ended, with its last lines and what to do; `not-found` where that was neither failure nor by itself. */
  failure(name: string, options: CallOptions = {}): Promise<FailureReport> {
    return this.#get(`${stackPath(name)}/failure`, failureReportSchema, options);
  }

  active(options: CallOptions = {}): Promise<Active> {
    return this.#get('/api/active', activeSchema, options);
  }

  /** What there is, what depends on what, and how each is. */
  graph(options: CallOptions = {}): Promise<Graph> {
    return this.#get('/api/graph', graphSchema, options);
  }

  /** What the command would hit now; without a stack for `stop-all` only. */
  impact(
    intent: { readonly command: OperationKind; readonly stack?: string },
    options: CallOptions = {},
  ): Promise<Impact> {
    const query = new URLSearchParams({ ...intent });
    return this.#get(`/api/impact?${query.toString()}`, impactSchema, options);
  }

  /** Resolves with the operation when it has succeeded; rejects with its problem, the record in `context.operation`. */
  start(name: string, options: CommandOptions = {}): Promise<Operation> {
    return this.#command(`${stackPath(name)}/start`, options);
  }

  stop(name: string, options: CommandOptions = {}): Promise<Operation> {
    return this.#command(`${stackPath(name)}/stop`, options);
  }

  restart(name: string, options: CommandOptions = {}): Promise<Operation> {
    return this.#command(`${stackPath(name)}/restart`, options);
  }

  /** Replaces the stack that holds the robot by this one, or goes back. */
  switchTo(name: string, options: CommandOptions = {}): Promise<Operation> {
    return this.#command(`${stackPath(name)}/switch`, options);
  }

  stopAll(options: CommandOptions = {}): Promise<Operation> {
    return this.#command('/api/stop-all', options);
  }

  /** The last operations, newest first. */
  async operations(options: CallOptions = {}): Promise<Operation[]> {
    return (await this.#get('/api/operations', operationListSchema, options)).operations;
  }

  operation(id: string, options: CallOptions = {}): Promise<Operation> {
    return this.#get(`/api/operations/${encodeURIComponent(id)}`, operationSchema, options);
  }

  /** The last changes of state with what commanded them, newest first. */
  timeline(options: CallOptions = {}): Promise<Timeline> {
    return this.#get('/api/timeline', timelineSchema, options);
  }

  /** Who asks, as the gateway sees it, and what that allows. */
  session(options: CallOptions = {}): Promise<Session> {
    return this.#get('/api/session', sessionSchema, options);
  }

  /** The last `lines` entries of the audit (1 to 10,000), oldest first. */
  async audit(lines: number, options: CallOptions = {}): Promise<AuditEntry[]> {
    const path = `/api/audit?lines=${String(lines)}`;
    return (await this.#get(path, auditListSchema, { timeout: 20_000, ...options })).entries;
  }

  /** The ROS face: how it is and what it offers. */
  ros(options: CallOptions = {}): Promise<RosStatus> {
    return this.#get('/api/ros', rosStatusSchema, options);
  }

  /** Looks at the ROS graph; what was found is in the result, also that ROS is off. */
  rosProbe(probe: RosProbe, options: CallOptions = {}): Promise<RosProbeResult> {
    const query = new URLSearchParams(
      Object.entries(probe).map(([key, value]): [string, string] => [key, String(value)]),
    );
    const timeout = options.timeout ?? READ_MS + (probe.kind === 'topic' ? probe.window_ms : 0);
    return this.#get(`/api/ros/probe?${query.toString()}`, rosProbeResultSchema, { ...options, timeout });
  }

  /** Starts the ROS process anew; resolves when that has begun. */
  rosRestart(options: CallOptions = {}): Promise<RosStatus> {
    return this.#call(
      { method: 'POST', path: '/api/ros/restart', options, timeoutMs: options.timeout ?? READ_MS },
      rosStatusSchema,
    );
  }

  /** Every event from now on, after a snapshot or what was missed since `since`. Ends only by throwing, or by `return`. */
  events(options: EventsOptions = {}): AsyncGenerator<RoviEvent, void, undefined> {
    const { since, boot, signal, ...reconnection } = options;
    const lastEventId = since === undefined || boot === undefined ? undefined : `${boot}:${since}`;
    return serverEvents(
      {
        transport: this.#transport,
        path: '/api/events',
        headers: {},
        lastEventId,
        signal,
        read: ({ data }) => parsed(eventSchema, data, '/api/events'),
      },
      reconnection,
    );
  }

  /** Journal entries of a stack, oldest first. */
  logs(name: string, options: LogSelection & CallOptions = {}): Promise<LogEntry[]> {
    return this.#logs(`${stackPath(name)}/logs`, options);
  }

  /** Journal entries as they come, beginning with what the options select. Ends only by throwing, or by `return`. */
  followLogs(name: string, options: FollowOptions = {}): AsyncGenerator<LogEntry, void, undefined> {
    return this.#followLogs(`${stackPath(name)}/logs`, options);
  }

  /** The gateway and every stack, with state, health and figures. CPU is null at first, and known a second later. */
  async services(options: CallOptions = {}): Promise<ServiceStatus[]> {
    return (await this.#get('/api/services/list', serviceListSchema, options)).services;
  }

  /** One of them: `gateway`, or a stack's name. */
  service(name: string, options: CallOptions = {}): Promise<ServiceStatus> {
    return this.#get(servicePath('status', name), serviceStatusSchema, options);
  }

  /** How well it does what it is for; bad health is an answer, not an error. */
  serviceHealth(name: string, options: CallOptions = {}): Promise<ServiceHealthReport> {
    return this.#get(servicePath('health', name), serviceHealthReportSchema, options);
  }

  /** As {@link logs}, of the gateway too. */
  serviceLogs(name: string, options: LogSelection & CallOptions = {}): Promise<LogEntry[]> {
    return this.#logs(servicePath('logs', name), options);
  }

  /** As {@link followLogs}, of the gateway too. */
  followServiceLogs(name: string, options: FollowOptions = {}): AsyncGenerator<LogEntry, void, undefined> {
    return this.#followLogs(servicePath('logs', name), options);
  }

  /** As {@link start}; rejects with `not-found` for a name that is no service, with `bad-request` for the gateway. */
  startService(name: string, options: CommandOptions = {}): Promise<Operation> {
    return this.#command(servicePath('start', name), options);
  }

  stopService(name: string, options: CommandOptions = {}): Promise<Operation> {
    return this.#command(servicePath('stop', name), options);
  }

  restartService(name: string, options: CommandOptions = {}): Promise<Operation> {
    return this.#command(servicePath('restart', name), options);
  }

  async #logs(path: string, options: LogSelection & CallOptions): Promise<LogEntry[]> {
    const asked = `${path}${queryOf(options)}`;
    return (await this.#get(asked, logListSchema, { timeout: 35_000, ...options })).entries;
  }

  #followLogs(route: string, options: FollowOptions): AsyncGenerator<LogEntry, void, undefined> {
    const path = `${route}${queryOf(options, 'follow=1')}`;
    return serverEvents(
      {
        transport: this.#transport,
        path,
        headers: {},
        signal: options.signal,
        read: ({ data }) => parsed(logEntrySchema, data, path),
      },
      options,
    );
  }

  #get<Output>(path: string, schema: Parser<Output>, options: CallOptions): Promise<Output> {
    return this.#call({ method: 'GET', path, options, timeoutMs: options.timeout ?? READ_MS }, schema);
  }

  // async, so that a bad actor rejects rather than throws
  async #command(path: string, options: CommandOptions): Promise<Operation> {
    const { reason, confirm, async: once = false } = options;
    const actor = options.actor ?? this.#actor;
    if (actor !== undefined && !actorNameSchema.safeParse(actor).success) {
      throw new RoviError('bad-request', `"${actor}" cannot be the name of an actor`, {
        mend: 'Use 1 to 64 letters, digits or _ . @ + : -',
      });
    }
    return this.#call(
      {
        method: 'POST',
        path,
        options,
        timeoutMs: options.timeout ?? (once ? READ_MS : COMMAND_MS),
        body: JSON.stringify({ reason, confirm }),
        headers: {
          [HEADERS.face]: this.#face,
          ...(actor === undefined ? {} : { [HEADERS.actor]: actor }),
          ...(once ? { prefer: 'respond-async' } : {}),
        },
      },
      operationSchema,
    );
  }

  async #call<Output>(
    request: {
      method: 'GET' | 'POST';
      path: string;
      options: CallOptions;
      timeoutMs: number;
      body?: string;
      headers?: Record<string, string>;
    },
    schema: Parser<Output>,
  ): Promise<Output> {
    const { options, ...rest } = request;
    const { status, body } = await this.#transport.call({ ...rest, signal: options.signal });
    if (status < 200 || status > 299) throw reportedError(request.path, status, body);
    return parsed(schema, body, request.path);
  }
}

function stackPath(name: string): string {
  return `/api/stacks/${encodeURIComponent(name)}`;
}

function servicePath(what: string, name: string): string {
  return `/api/services/${what}/${encodeURIComponent(name)}`;
}

function queryOf(selection: LogSelection, ...first: string[]): string {
  const { lines, invocation, after, priority } = selection;
  const words = Object.entries({ lines, invocation, after, priority }).flatMap(([key, value]) =>
    value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`],
  );
  const query = [...first, ...words].join('&');
  return query === '' ? '' : `?${query}`;
}

function parsed<Output>(schema: Parser<Output>, text: string, what: string): Output {
  const result = schema.safeParse(jsonOf(text));
  if (result.success) return result.data;
  throw foreignAnswer(what, result.error.message.slice(0, 300), result.error);
}
