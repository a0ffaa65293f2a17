import {
  activeSchema,
  auditListSchema,
  eventSchema,
  failureReportSchema,
  graphSchema,
  healthHistorySchema,
  healthSchema,
  impactSchema,
  logEntrySchema,
  logListSchema,
  maintenanceListSchema,
  maintenanceSchema,
  operationListSchema,
  operationSchema,
  recoverySchema,
  reloadSchema,
  robotHealthSchema,
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
  HealthHistory,
  Impact,
  LogEntry,
  Maintenance,
  Operation,
  OperationKind,
  Recovery,
  Reload,
  RobotHealth,
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
import { ApiCalls, READ_MS, parsed } from './api-calls.js';
import type {
  ApiClientOptions,
  CallOptions,
  CommandOptions,
  EventsOptions,
  FollowOptions,
  LogSelection,
  RequestOptions,
  RestartOptions,
  ServiceCommand,
  ServiceLogSelection,
} from './client-options.js';
import { FleetCalls } from './fleet-calls.js';
import { serverEvents } from './server-events.js';
import { TicketCalls } from './ticket-calls.js';
import type { Transport } from './transport.js';

/** Milliseconds for a command to end: more than any catalog's usual timeouts; a switch can use each of them twice. */
const COMMAND_MS = 600_000;

/**
 * The gateway's API, typed. Every method rejects with a RoviError: the server's own code, mend and context; or
 * `gateway-unreachable` (`context.reason` says how), `socket-denied`, and `internal` for an answer that is not Rovi's.
 * An aborted signal rejects with its own reason; it gives up waiting and never ends an operation.
 */
export class ApiClient {
  readonly #transport: Transport;
  readonly #calls: ApiCalls;
  /** Tickets and their e-stop. */
  readonly tickets: TicketCalls;
  /** The robots of a fleet, where the gateway observes one. */
  readonly fleet: FleetCalls;

  constructor(options: ApiClientOptions) {
    this.#transport = options.transport;
    this.#calls = new ApiCalls(options);
    this.tickets = new TicketCalls(this.#calls);
    this.fleet = new FleetCalls(this.#calls, options.transport);
  }

  health(options: CallOptions = {}): Promise<Health> {
    return this.#calls.get('/api/health', healthSchema, options);
  }

  /** How the robot is in a word, and how many tickets there are. */
  robotHealth(options: CallOptions = {}): Promise<RobotHealth> {
    return this.#calls.get('/', robotHealthSchema, options);
  }

  /** The whole state at one moment. */
  state(options: CallOptions = {}): Promise<Snapshot> {
    return this.#calls.get('/api/state', snapshotSchema, options);
  }

  /** All stacks in the catalog's order. */
  async stacks(options: CallOptions = {}): Promise<StackStatus[]> {
    return (await this.#calls.get('/api/stacks', stackListSchema, options)).stacks;
  }

  /** One stack with its figures. */
  stack(name: string, options: CallOptions = {}): Promise<StackDetail> {
    return this.#calls.get(stackPath(name), stackDetailSchema, options);
  }

  /** Why its last run ended, with its last lines and what to do; `not-found` where that was neither failure nor by itself. */
  failure(name: string, options: CallOptions = {}): Promise<FailureReport> {
    return this.#calls.get(`${stackPath(name)}/failure`, failureReportSchema, options);
  }

  active(options: CallOptions = {}): Promise<Active> {
    return this.#calls.get('/api/active', activeSchema, options);
  }

  /** What there is, what depends on what, and how each is. */
  graph(options: CallOptions = {}): Promise<Graph> {
    return this.#calls.get('/api/graph', graphSchema, options);
  }

  /** What the command would hit now; without a stack for `stop-all` only. */
  impact(
    intent: { readonly command: OperationKind; readonly stack?: string },
    options: CallOptions = {},
  ): Promise<Impact> {
    const query = new URLSearchParams({ ...intent });
    return this.#calls.get(`/api/impact?${query.toString()}`, impactSchema, options);
  }

  /** The same for a service, with the order of units. */
  serviceImpact(
    { command, service, cascade, instances }: ServiceCommand,
    options: CallOptions = {},
  ): Promise<Impact> {
    const query = new URLSearchParams({ command, service });
    if (cascade === true) query.set('cascade', '1');
    if (instances !== undefined) query.set('instances', String(instances));
    return this.#calls.get(`/api/impact?${query.toString()}`, impactSchema, options);
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
    return (await this.#calls.get('/api/operations', operationListSchema, options)).operations;
  }

  operation(id: string, options: CallOptions = {}): Promise<Operation> {
    return this.#calls.get(`/api/operations/${encodeURIComponent(id)}`, operationSchema, options);
  }

  /** The last changes of state with what commanded them, newest first. */
  timeline(options: CallOptions = {}): Promise<Timeline> {
    return this.#calls.get('/api/timeline', timelineSchema, options);
  }

  /** Who asks, as the gateway sees it, and what that allows. */
  session(options: CallOptions = {}): Promise<Session> {
    return this.#calls.get('/api/session', sessionSchema, options);
  }

  /** The last `lines` entries of the audit (1 to 10,000), oldest first. */
  async audit(lines: number, options: CallOptions = {}): Promise<AuditEntry[]> {
    const path = `/api/audit?lines=${String(lines)}`;
    return (await this.#calls.get(path, auditListSchema, { timeout: 20_000, ...options })).entries;
  }

  /** The ROS face: how it is and what it offers. */
  ros(options: CallOptions = {}): Promise<RosStatus> {
    return this.#calls.get('/api/ros', rosStatusSchema, options);
  }

  /** Looks at the ROS graph; what was found is in the result, also that ROS is off. */
  rosProbe(probe: RosProbe, options: CallOptions = {}): Promise<RosProbeResult> {
    const query = new URLSearchParams(
      Object.entries(probe).map(([key, value]): [string, string] => [key, String(value)]),
    );
    const timeout = options.timeout ?? READ_MS + (probe.kind === 'topic' ? probe.window_ms : 0);
    return this.#calls.get(`/api/ros/probe?${query.toString()}`, rosProbeResultSchema, {
      ...options,
      timeout,
    });
  }

  /** Starts the ROS process anew; resolves when that has begun. */
  rosRestart(options: CallOptions = {}): Promise<RosStatus> {
    return this.#calls.call(
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

  /** The gateway, every stack and every service, with state, health and figures. CPU is null at first, and known a second later. */
  async services(options: CallOptions = {}): Promise<ServiceStatus[]> {
    return (await this.#calls.get('/api/services/list', serviceListSchema, options)).services;
  }

  /** One of them: `gateway`, or a stack's or service's name. */
  service(name: string, options: CallOptions = {}): Promise<ServiceStatus> {
    return this.#calls.get(servicePath('status', name), serviceStatusSchema, options);
  }

  /** How well it does what it is for; bad health is an answer, not an error. */
  serviceHealth(name: string, options: CallOptions = {}): Promise<ServiceHealthReport> {
    return this.#calls.get(servicePath('health', name), serviceHealthReportSchema, options);
  }

  /** The last looks of every check of a service of the catalog. */
  healthHistory(name: string, options: CallOptions = {}): Promise<HealthHistory> {
    return this.#calls.get(servicePath('health-history', name), healthHistorySchema, options);
  }

  /** As {@link logs}, of gateway and services too. */
  serviceLogs(name: string, options: ServiceLogSelection & CallOptions = {}): Promise<LogEntry[]> {
    return this.#logs(servicePath('logs', name), options);
  }

  /** As {@link followLogs}, of gateway and services too. */
  followServiceLogs(
    name: string,
    options: FollowOptions & ServiceLogSelection = {},
  ): AsyncGenerator<LogEntry, void, undefined> {
    return this.#followLogs(servicePath('logs', name), options);
  }

  /** As {@link start}; rejects with `not-found` for a name that is no service, with `bad-request` for the gateway. */
  startService(name: string, options: CommandOptions = {}): Promise<Operation> {
    return this.#command(servicePath('start', name), options);
  }

  stopService(name: string, options: CommandOptions = {}): Promise<Operation> {
    return this.#command(servicePath('stop', name), options);
  }

  restartService(name: string, { cascade, rolling, ...options }: RestartOptions = {}): Promise<Operation> {
    return this.#command(servicePath('restart', name), options, { cascade, rolling });
  }

  /** Makes so many instances run. */
  scaleService(name: string, instances: number, options: CommandOptions = {}): Promise<Operation> {
    return this.#command(servicePath('scale', name), options, { instances });
  }

  /** What is in maintenance, the robot first. */
  async maintenance(options: CallOptions = {}): Promise<Maintenance[]> {
    return (await this.#calls.get('/api/maintenance', maintenanceListSchema, options)).maintenance;
  }

  /** Puts a stack or service, or with null the robot, into maintenance, until somebody ends it or `until` (RFC 3339, UTC). */
  beginMaintenance(
    target: string | null,
    { until = null, reason, ...options }: RequestOptions & { reason: string; until?: string | null },
  ): Promise<Maintenance> {
    return this.#calls.post('/api/maintenance', { target, reason, until }, options, maintenanceSchema);
  }

  /** Ends a maintenance; resolves with those that are left. */
  async endMaintenance(
    target: string | null,
    { reason, ...options }: RequestOptions = {},
  ): Promise<Maintenance[]> {
    const body = { target, reason };
    return (await this.#calls.post('/api/maintenance/end', body, options, maintenanceListSchema)).maintenance;
  }

  /** Resets what has failed and reads everything again; starts nothing. */
  recover({ reason, ...options }: RequestOptions = {}): Promise<Recovery> {
    return this.#calls.post('/api/recover', { reason }, { timeout: 60_000, ...options }, recoverySchema);
  }

  /** Takes over what the catalog file has changed, as far as that needs no root. */
  reload({ reason, ...options }: RequestOptions = {}): Promise<Reload> {
    return this.#calls.post('/api/reload', { reason }, { timeout: 60_000, ...options }, reloadSchema);
  }

  async #logs(path: string, options: ServiceLogSelection & CallOptions): Promise<LogEntry[]> {
    const asked = `${path}${queryOf(options)}`;
    return (await this.#calls.get(asked, logListSchema, { timeout: 35_000, ...options })).entries;
  }

  #followLogs(
    route: string,
    options: FollowOptions & ServiceLogSelection,
  ): AsyncGenerator<LogEntry, void, undefined> {
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

  #command(path: string, options: CommandOptions, more: object = {}): Promise<Operation> {
    const { reason, confirm, async: once = false } = options;
    const timeout = options.timeout ?? (once ? READ_MS : COMMAND_MS);
    const headers = once ? { prefer: 'respond-async' } : {};
    return this.#calls.post(
      path,
      { reason, confirm, ...more },
      { ...options, timeout, headers },
      operationSchema,
    );
  }
}

function stackPath(name: string): string {
  return `/api/stacks/${encodeURIComponent(name)}`;
}

function servicePath(what: string, name: string): string {
  return `/api/services/${what}/${encodeURIComponent(name)}`;
}

function queryOf(selection: ServiceLogSelection, ...first: string[]): string {
  const { lines, invocation, after, priority, instance, stream } = selection;
  const words = Object.entries({ lines, invocation, after, priority, instance, stream }).flatMap(
    ([key, value]) => (value === undefined ? [] : [`${key}=${encodeURIComponent(value)}`]),
  );
  const query = [...first, ...words].join('&');
  return query === '' ? '' : `?${query}`;
}
