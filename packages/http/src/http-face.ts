import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { ConductorApi, Journal, RosControl } from '@rovi/conductor';
import { RoviError } from '@rovi/contract';
import fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest } from 'fastify';
import { STREAM_OPTIONS } from './event-stream.js';
import type { EventStreamOptions } from './event-stream.js';
import { HttpFault, SEND_JSON, faultOf, parserFaultOf } from './fault.js';
import { Metrics } from './metrics/metrics.js';
import { OpenStreams } from './open-streams.js';
import { endWithProblem, pathOf, rawProblem, replyProblem } from './problem.js';
import { methodsOf, nearestRoutes } from './route-hint.js';
import type { Route, RouteContext } from './route.js';
import { commandRoutes } from './routes/commands.js';
import { docsRoutes } from './routes/docs.js';
import { eventRoutes } from './routes/events.js';
import { graphRoutes } from './routes/graph.js';
import { logRoutes } from './routes/logs.js';
import { metricRoutes } from './routes/metrics.js';
import { operationRoutes } from './routes/operations.js';
import { rosRoutes } from './routes/ros.js';
import { stateRoutes } from './routes/state.js';
import { listenOnUnixSocket } from './unix-socket.js';
import type { OwnedSocket } from './unix-socket.js';

/** What one gateway serves at most; docs/api.md names these. */
const LIMITS = {
  connections: 512,
  eventStreams: 128,
  logReaders: 16,
  rosProbes: 16,
  bodyBytes: 16_384,
  headerBytes: 8_192,
  paramLength: 100,
  /** Milliseconds. */
  headers: 10_000,
  request: 15_000,
  keepAlive: 5_000,
  connectionsCheck: 5_000,
  stop: 2_500,
} as const;

export interface HttpFaceOptions {
  readonly conductor: ConductorApi;
  readonly journal: Journal;
  readonly ros: RosControl;
  /** Where to listen; its directory must exist and belong to us. */
  readonly socketPath: string;
  readonly logger: FastifyBaseLogger;
  readonly version: string;
  /** Other bounds for event streams than {@link STREAM_OPTIONS}. */
  readonly streams?: Partial<EventStreamOptions>;
}

/** The HTTP face of the conductor on a Unix socket. */
export interface HttpFace {
  /** Resolves when the API answers. Rejects with `conductor-running`, `socket-denied` or `lock-unavailable`. */
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
  readonly #logs: OpenStreams;
  readonly #probes: OpenStreams;
  readonly #metrics: Metrics;
  /** Sockets on which a response is due or under way: bytes of ours between its own would corrupt it. */
  readonly #answering = new WeakMap<Socket, number>();
  readonly #connections = new Set<Socket>();
  #unlisten: () => void = () => undefined;
  #app: FastifyInstance | null = null;
  #socket: OwnedSocket | null = null;
  #stopping: Promise<void> | null = null;

  constructor(options: HttpFaceOptions) {
    this.#options = options;
    const streams = { ...STREAM_OPTIONS, ...options.streams };
    this.#events = new OpenStreams(LIMITS.eventStreams, 'event streams', streams);
    this.#logs = new OpenStreams(LIMITS.logReaders, 'readers of logs', streams);
    this.#probes = new OpenStreams(LIMITS.rosProbes, 'probes of ROS', streams);
    this.#metrics = new Metrics({
      conductor: options.conductor,
      version: options.version,
      streams: { events: this.#events, logs: this.#logs },
    });
  }

  async start(): Promise<void> {
    const app = this.#build();
    this.#app = app;
    this.#unlisten = this.#metrics.listen();
    await app.ready();
    try {
      this.#socket = await listenOnUnixSocket(app.server, this.#options.socketPath);
    } catch (error) {
      await app.close();
      throw error;
    }
    // An accept that fails (no descriptors left) is reported here; without a listener it would end the process.
    app.server.on('error', (err) => this.#options.logger.error({ err }, 'connection not accepted'));
    this.#options.logger.info({ socket: this.#options.socketPath }, 'API listening');
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#close();
    return this.#stopping;
  }

  async #close(): Promise<void> {
    const app = this.#app;
    if (app === null) return;
    try {
      await this.#socket?.release();
    } catch (err) {
      this.#options.logger.info({ err }, 'socket not removed');
    }
    const reason = stopping().toProblem();
    this.#events.dropAll(reason);
    this.#logs.dropAll(reason);
    // Who asked for nothing, or has not finished asking, is not waited for.
    for (const socket of this.#connections) if (!this.#isAnswering(socket)) socket.destroy();
    const deadline = setTimeout(() => app.server.closeAllConnections(), LIMITS.stop);
    await app.close();
    clearTimeout(deadline);
  }

  #build(): FastifyInstance {
    const { logger, conductor, journal, ros, version } = this.#options;
    const app = fastify({
      loggerInstance: logger,
      logController: new LogController({ disableRequestLogging: true }),
      bodyLimit: LIMITS.bodyBytes,
      requestTimeout: LIMITS.request,
      keepAliveTimeout: LIMITS.keepAlive,
      return503OnClosing: false,
      exposeHeadRoutes: false,
      routerOptions: { maxParamLength: LIMITS.paramLength },
      http: {
        maxHeaderSize: LIMITS.headerBytes,
        headersTimeout: LIMITS.headers,
        connectionsCheckingInterval: LIMITS.connectionsCheck,
      },
      frameworkErrors: (error, _request, reply) => {
        void replyProblem(reply, faultOf(error));
      },
      clientErrorHandler: (error, socket) => this.#refuse(error, socket),
    });
    this.#guard(app.server);
    this.#readBodies(app);
    const routes = tableOf({
      conductor,
      journal,
      ros,
      version,
      events: this.#events,
      logs: this.#logs,
      probes: this.#probes,
      metrics: this.#metrics,
      startedAt: performance.now(),
    });
    // What is not in the table would be served and not described.
    app.addHook('onRoute', ({ url }) => {
      if (!routes.some(({ path }) => path === url)) throw new Error(`${url} is not in the table of routes`);
    });
    for (const { method, path, handle } of routes) app.route({ method, url: path, handler: handle });
    this.#answerFaults(app, routes);
    this.#measure(app);
    return app;
  }

  /** Counts what was answered; a stream is none of it, however long it lasts. */
  #measure(app: FastifyInstance): void {
    app.addHook('onClose', (_app, done) => {
      this.#unlisten();
      done();
    });
    app.addHook('onResponse', (request, reply, done) => {
      const type = reply.raw.getHeader('content-type');
      if (typeof type !== 'string' || !type.startsWith('text/event-stream')) {
        const route = request.routeOptions.url;
        const { statusCode: status } = reply.raw;
        const method = route === undefined ? 'any' : request.method;
        this.#metrics.answered({ method, route: route ?? 'none', status, seconds: reply.elapsedTime / 1000 });
      }
      done();
    });
  }

  #guard(server: Server): void {
    server.maxConnections = LIMITS.connections;
    // Said once a run: whoever opens thousands of connections must not fill the journal too.
    server.once('drop', () => this.#options.logger.info('connection dropped: too many'));
    server.on('connection', (socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
    server.on('checkExpectation', (_request, response) => {
      endWithProblem(
        response,
        new HttpFault(417, 'bad-request', 'The only expectation met is 100-continue.', {
          mend: 'Leave out the header `Expect`.',
        }),
      );
    });
  }

  #readBodies(app: FastifyInstance): void {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
      if (body === '') return done(null, undefined);
      try {
        done(null, JSON.parse(body as string) as unknown);
      } catch (cause) {
        done(new HttpFault(400, 'bad-request', 'The body is not valid JSON.', { mend: SEND_JSON, cause }));
      }
    });
  }

  #answerFaults(app: FastifyInstance, routes: readonly Route[]): void {
    app.addHook('onRequest', async (request, reply) => {
      const { socket } = request.raw;
      this.#answering.set(socket, (this.#answering.get(socket) ?? 0) + 1);
      reply.raw.once('close', () => this.#answering.set(socket, (this.#answering.get(socket) ?? 1) - 1));
      void reply.header('cache-control', 'no-store');
      if (this.#stopping !== null) throw stopping();
      return Promise.resolve();
    });
    app.setErrorHandler((error, request, reply) => {
      const fault = faultOf(error);
      if (fault.code === 'internal') {
        request.log.error({ err: error, method: request.method, url: request.url }, 'request failed');
      }
      return replyProblem(reply, fault);
    });
    app.setNotFoundHandler((request, reply) => replyProblem(reply, noRoute(routes, request)));
  }

  #isAnswering(socket: Socket): boolean {
    return (this.#answering.get(socket) ?? 0) > 0;
  }

  /** Answers bytes that are no HTTP request, where an answer can still be told from another. */
  #refuse(error: Error, socket: Socket): void {
    if (
      this.#isAnswering(socket) ||
      !socket.writable ||
      (error as NodeJS.ErrnoException).code === 'ECONNRESET'
    )
      socket.destroy();
    else socket.end(rawProblem(parserFaultOf(error)), () => socket.destroy());
  }
}

/** Every route there is. `/openapi.json` describes them all, itself included. */
function tableOf(context: RouteContext): readonly Route[] {
  const parts = [
    stateRoutes,
    graphRoutes,
    commandRoutes,
    operationRoutes,
    eventRoutes,
    logRoutes,
    rosRoutes,
    metricRoutes,
  ];
  const routes = parts.flatMap((part) => part(context));
  routes.push(...docsRoutes(context.version, () => routes));
  return routes;
}

function stopping(): RoviError {
  return new RoviError('gateway-unreachable', 'the gateway is stopping', {
    mend: 'Try again when it is back: `systemctl status rovi-gateway.service`.',
    context: { reason: 'stopping' },
  });
}

function noRoute(routes: readonly Route[], request: FastifyRequest): HttpFault {
  const path = pathOf(request);
  const methods = methodsOf(routes, path);
  if (methods.length > 0) {
    const allow = methods.join(', ');
    return new HttpFault(405, 'bad-request', `${path} answers ${allow} only.`, {
      mend: `Use ${methods.join(' or ')}; docs/api.md says what each does.`,
      headers: { allow },
      context: { allow: methods },
    });
  }
  const near = nearestRoutes(routes, path);
  return new HttpFault(404, 'not-found', `There is no ${path} in this API.`, {
    mend: near.length === 0 ? 'docs/api.md lists the routes.' : `Did you mean ${near.join(' or ')}?`,
    context: { routes: near },
  });
}
