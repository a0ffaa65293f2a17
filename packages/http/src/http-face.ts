import type { AuditLog, ConductorApi, FleetConsole, Journal, RosControl, TicketDesk } from '@rovi/conductor';
import { CLOSE } from '@rovi/contract';
import type { HttpEntry } from '@rovi/contract';
import type { FastifyBaseLogger, FastifyRequest } from 'fastify';
import { Accounts } from './access/accounts.js';
import { SOCKET_CALLER, setCaller } from './access/caller.js';
import { Gate, checkRole } from './access/gate.js';
import { RefusalAudit } from './access/refusal-audit.js';
import { TokenStore } from './access/token-store.js';
import { ApiServer, stopping } from './api-server.js';
import { STREAM_OPTIONS } from './event-stream.js';
import type { EventStreamOptions } from './event-stream.js';
import { Metrics } from './metrics/metrics.js';
import { OpenStreams } from './open-streams.js';
import { PageFolder } from './page-folder.js';
import type { Route, RouteContext } from './route.js';
import { auditRoutes } from './routes/audit.js';
import { accessRoutes } from './routes/access.js';
import { commandRoutes } from './routes/commands.js';
import { docsRoutes } from './routes/docs.js';
import { estopRoutes } from './routes/estop.js';
import { eventRoutes } from './routes/events.js';
import { failureRoutes } from './routes/failure.js';
import { fleetRoutes } from './routes/fleet.js';
import { graphRoutes } from './routes/graph.js';
import { impactRoutes } from './routes/impact.js';
import { logRoutes } from './routes/logs.js';
import { maintenanceRoutes } from './routes/maintenance.js';
import { metricRoutes } from './routes/metrics.js';
import { operationRoutes } from './routes/operations.js';
import { pageRoutes } from './routes/page.js';
import { recoveryRoutes } from './routes/recovery.js';
import { rosRoutes } from './routes/ros.js';
import { serviceRoutes } from './routes/services.js';
import { stateRoutes } from './routes/state.js';
import { telemetryRoutes } from './routes/telemetry.js';
import { ticketExportRoutes } from './routes/ticket-export.js';
import { ticketRoutes } from './routes/tickets.js';
import { TcpListeners } from './tcp-listeners.js';
import { listenOnUnixSocket } from './unix-socket.js';
import type { OwnedSocket } from './unix-socket.js';
import { Upgrades } from './websocket/upgrades.js';

/** What one gateway serves at most; docs/api.md names these. */
const LIMITS = {
  /** The unix socket's are its own: nobody on the network can take them. */
  unixConnections: { all: 1_536, perAddress: 1_536 },
  tcpConnections: { all: 2_048, perAddress: 128 },
  /** `reserved` of these are for the unix socket. */
  eventStreams: { limit: 1_024, reserved: 24 },
  ticketExports: { limit: 4, reserved: 1 },
  logReaders: { limit: 16, reserved: 4 },
  rosProbes: { limit: 16, reserved: 4 },
} as const;

export interface HttpFaceOptions {
  readonly conductor: ConductorApi;
  readonly journal: Journal;
  readonly ros: RosControl;
  readonly tickets: TicketDesk;
  /** The fleet that this gateway observes, or `noFleet`. */
  readonly fleet: FleetConsole;
  readonly audit: AuditLog;
  /** Where to listen; its directory must exist and belong to us. */
  readonly socketPath: string;
  /** Where else to listen, and by which names the robot is asked for there. */
  readonly tcp: HttpEntry;
  /** The group whose members may command from an account of the robot. */
  readonly group: string;
  /** The token file. */
  readonly tokensPath: string;
  /** The folder with the web page, which need not be there; null for none. */
  readonly webFolder: string | null;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  /** Other bounds for event streams than {@link STREAM_OPTIONS}. */
  readonly streams?: Partial<EventStreamOptions>;
  /** Other bounds for the requests with one token: so many (`points`) in so many seconds. */
  readonly requests?: { readonly points: number; readonly duration: number };
  /** Milliseconds that a client has to read an answer; default 60 s. */
  readonly answerMs?: number;
}

/** The HTTP face of the conductor, on a Unix socket and on TCP. */
export interface HttpFace {
  /**
   * Resolves when the API answers on the Unix socket and each TCP address was tried once. Rejects with
   * `conductor-running`, `socket-denied` or `lock-unavailable`.
   */
  start(): Promise<void>;
  /** Ends streams with a reason, lets answers be finished for at most 2.5 s, and removes the socket. Never rejects. */
  stop(): Promise<void>;
}

/** The face; listens nowhere before it is started. */
export function createHttpFace(options: HttpFaceOptions): HttpFace {
  return new FastifyHttpFace(options);
}

class FastifyHttpFace implements HttpFace {
  readonly #options: HttpFaceOptions;
  readonly #events: OpenStreams;
  readonly #exports: OpenStreams;
  readonly #logs: OpenStreams;
  readonly #probes: OpenStreams;
  readonly #metrics: Metrics;
  readonly #upgrades = new Upgrades();
  readonly #tokens: TokenStore;
  readonly #gate: Gate;
  readonly #refusals: RefusalAudit;
  #unlisten: () => void = () => undefined;
  #unix: ApiServer | null = null;
  #tcp: TcpListeners | null = null;
  #socket: OwnedSocket | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: HttpFaceOptions) {
    this.#options = options;
    const streams = { ...STREAM_OPTIONS, ...options.streams };
    this.#events = new OpenStreams(LIMITS.eventStreams, 'event streams', streams);
    this.#exports = new OpenStreams(LIMITS.ticketExports, 'exports of tickets', streams);
    this.#logs = new OpenStreams(LIMITS.logReaders, 'readers of logs', streams);
    this.#probes = new OpenStreams(LIMITS.rosProbes, 'probes of ROS', streams);
    this.#metrics = new Metrics({
      conductor: options.conductor,
      tickets: options.tickets,
      version: options.version,
      streams: { events: this.#events, logs: this.#logs },
    });
    this.#tokens = new TokenStore({
      path: options.tokensPath,
      onEnded: (ids) => this.#endAccess(ids),
      onRead: (fault) => {
        if (fault !== null) options.logger.warn({ err: fault }, 'tokens cannot be used');
        this.#tcp?.retry();
      },
    });
    this.#gate = new Gate({
      names: options.tcp.names,
      group: options.tcp.accounts ? options.group : null,
      tokens: this.#tokens,
      accounts: new Accounts(),
      ...(options.requests === undefined ? {} : { requests: options.requests }),
    });
    this.#refusals = new RefusalAudit(options.audit);
  }

  async start(): Promise<void> {
    const { socketPath, logger, tcp, conductor, webFolder, answerMs } = this.#options;
    const page = webFolder === null ? null : await PageFolder.read(webFolder);
    const server = {
      routes: this.#routes(page),
      upgrades: this.#upgrades,
      metrics: this.#metrics,
      logger,
      refused: (...refusal: Parameters<RefusalAudit['record']>) => this.#refusals.record(...refusal),
      ...(answerMs === undefined ? {} : { answerMs }),
    };
    const unix = new ApiServer({
      ...server,
      connections: LIMITS.unixConnections,
      tls: null,
      admit: (request, route) => this.#admitFromSocket(request, route),
    });
    this.#unix = unix;
    this.#unlisten = this.#metrics.listen();
    await unix.ready();
    try {
      this.#socket = await listenOnUnixSocket(unix.server, socketPath);
    } catch (error) {
      this.#unlisten();
      await unix.close();
      throw error;
    }
    unix.listening();
    logger.info({ socket: socketPath }, 'API listening');
    if (tcp.listen.length === 0) return;
    await this.#tokens.start();
    this.#tcp = new TcpListeners({
      listen: tcp.listen,
      tokens: this.#tokens,
      logger,
      server: {
        ...server,
        connections: LIMITS.tcpConnections,
        admit: (request, route) => this.#admit(request, route),
      },
      report: (face) => conductor.reportFace(face),
    });
    await this.#tcp.start();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  async #close(): Promise<void> {
    if (this.#unix === null) return;
    this.#unix.refuseAll();
    this.#tcp?.refuseAll();
    try {
      await this.#socket?.release();
    } catch (err) {
      this.#options.logger.info({ err }, 'socket not removed');
    }
    this.#tokens.stop();
    const reason = stopping().toProblem();
    for (const streams of [this.#events, this.#exports, this.#logs])
      streams.dropOwned(() => true, reason, CLOSE.stopping);
    await Promise.all([this.#unix.close(), this.#tcp?.close()]);
    this.#unlisten();
  }

  /** Every route there is. `/openapi.json` describes them all, itself included. */
  #routes(page: PageFolder | null): readonly Route[] {
    const { conductor, journal, ros, tickets, fleet, audit, version } = this.#options;
    const context: RouteContext = {
      conductor,
      journal,
      ros,
      tickets,
      fleet,
      audit,
      version,
      tokens: this.#tokens,
      events: this.#events,
      upgrades: this.#upgrades,
      exports: this.#exports,
      logs: this.#logs,
      probes: this.#probes,
      metrics: this.#metrics,
      startedAt: performance.now(),
    };
    const parts = [
      stateRoutes,
      graphRoutes,
      failureRoutes,
      impactRoutes,
      commandRoutes,
      ticketRoutes,
      ticketExportRoutes,
      estopRoutes,
      telemetryRoutes,
      operationRoutes,
      serviceRoutes,
      maintenanceRoutes,
      recoveryRoutes,
      eventRoutes,
      logRoutes,
      rosRoutes,
      fleetRoutes,
      accessRoutes,
      auditRoutes,
      metricRoutes,
    ];
    const routes = parts.flatMap((part) => part(context));
    routes.push(...docsRoutes(version, () => routes), ...pageRoutes(context, page));
    return routes;
  }

  // async, so that a refusal rejects
  // eslint-disable-next-line @typescript-eslint/require-await
  async #admitFromSocket(request: FastifyRequest, route: Route | null): Promise<void> {
    setCaller(request, SOCKET_CALLER);
    if (route !== null && route.role !== 'anyone') checkRole(SOCKET_CALLER, route.role);
  }

  async #admit(request: FastifyRequest, route: Route | null): Promise<void> {
    this.#gate.checkSite(request);
    if (route === null || route.role === 'anyone' || route.opens?.(request) === true) return;
    await this.#gate.admit(request, route.role, (caller) => setCaller(request, caller));
  }

  /** Streams last: a token that is no longer good must not go on reading. */
  #endAccess(tokens: ReadonlySet<string>): void {
    const keys = new Set([...tokens].map((id) => `token ${id}`));
    const reason = {
      code: 'token-rejected' as const,
      message: 'the token was revoked or has expired',
      mend: "Ask the robot's admin for a new one: `rovictl token create`.",
      context: {},
    };
    for (const streams of [this.#events, this.#exports, this.#logs]) {
      streams.dropOwned((owner) => owner !== null && keys.has(owner), reason, CLOSE.accessEnded);
    }
  }
}
