import type { Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { RoviError, isLoopback } from '@rovi/contract';
import fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance, FastifyRequest, FastifyServerOptions } from 'fastify';
import { HttpFault, SEND_JSON, faultOf, parserFaultOf } from './fault.js';
import type { Metrics } from './metrics/metrics.js';
import { endWithProblem, pathOf, rawProblem, replyProblem } from './problem.js';
import { methodsOf, nearestRoutes } from './route-hint.js';
import type { Route } from './route.js';
import { handlerOf } from './websocket/route-handler.js';
import type { Upgrades } from './websocket/upgrades.js';
import { UpgradableRequest } from './websocket/upgrades.js';

/** What one server serves at most; docs/api.md names these. */
const LIMITS = {
  bodyBytes: 16_384,
  headerBytes: 8_192,
  paramLength: 100,
  /** Milliseconds. */
  handshake: 10_000,
  headers: 10_000,
  request: 15_000,
  keepAlive: 5_000,
  connectionsCheck: 5_000,
  answer: 60_000,
  stop: 2_500,
} as const;

/** Sent with every answer; a page that needs more says so itself. No browser ever guesses a type or shows us in a frame. */
const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
} as const;

export interface ApiServerOptions {
  readonly routes: readonly Route[];
  readonly upgrades: Upgrades;
  readonly metrics: Metrics;
  readonly logger: FastifyBaseLogger;
  /** Lets a request in, or throws why not. The route is null where there is none such. */
  readonly admit: (request: FastifyRequest, route: Route | null) => Promise<void>;
  /** Told of each request for a command that was answered with an error. */
  readonly refused: (request: FastifyRequest, command: string, error: unknown) => void;
  readonly connections: { readonly all: number; readonly perAddress: number };
  /** Milliseconds that a client has to read an answer; default 60 s. A stream has its own bounds. */
  readonly answerMs?: number;
  /** PEM texts; null for plain HTTP. */
  readonly tls: { readonly cert: string; readonly key: string } | null;
}

/** The API on one `node:http` server; where that listens is its owner's matter. */
export class ApiServer {
  readonly #options: ApiServerOptions;
  readonly #app: FastifyInstance;
  /** The responses that are due or under way on a socket: bytes of ours between their own would corrupt them. */
  readonly #answering = new WeakMap<Socket, Set<ServerResponse>>();
  /** What was accepted. */
  readonly #connections = new Set<Socket>();
  /** What requests come on: the same, or with TLS what runs on it once hands are shaken. */
  readonly #speaking: Set<Socket>;
  readonly #perAddress = new Map<string, number>();
  #stopping = false;

  /** Throws where certificate and key do not fit. */
  constructor(options: ApiServerOptions) {
    this.#options = options;
    this.#speaking = options.tls === null ? this.#connections : new Set();
    this.#app = fastify(this.#fastifyOptions());
    this.#guard(this.server);
    options.upgrades.attach(
      this.server,
      (request, response) => this.#app.routing(request, response),
      (socket) => this.#isAnswering(socket),
    );
    this.#readBodies();
    this.#answerFaults();
    this.#measure();
    this.#limitReading();
    const { routes } = options;
    // What is not in the table would be served and not described.
    this.#app.addHook('onRoute', ({ url }) => {
      if (!routes.some(({ path }) => path === url)) throw new Error(`${url} is not in the table of routes`);
    });
    for (const one of routes) {
      const { method, path, bodyBytes } = one;
      this.#app.route({
        method,
        url: path,
        handler: handlerOf(one, options.upgrades),
        config: { route: one },
        ...(bodyBytes === undefined ? {} : { bodyLimit: bodyBytes }),
      });
    }
  }

  get server(): Server {
    return this.#app.server;
  }

  /** Resolves when it can be let listen. */
  async ready(): Promise<void> {
    await this.#app.ready();
  }

  /** To be called once it listens: until then an error of the server is its owner's. */
  listening(): void {
    // An accept that fails (no descriptors left) is reported here; without a listener it would end the process.
    this.server.on('error', (err) => this.#options.logger.error({ err }, 'connection not accepted'));
  }

  /** From now on every request is refused: the gateway stops. */
  refuseAll(): void {
    this.#stopping = true;
  }

  /** Lets answers be finished for at most 2.5 s. Whoever asked for nothing is not waited for. Never rejects. */
  async close(): Promise<void> {
    this.refuseAll();
    for (const socket of this.#speaking) if (!this.#isAnswering(socket)) socket.destroy();
    // Not by closeAllConnections: Node's HTTP server does not know of WebSockets any more.
    const deadline = setTimeout(() => {
      for (const socket of this.#connections) socket.destroy();
    }, LIMITS.stop);
    await this.#app.close();
    clearTimeout(deadline);
  }

  #fastifyOptions(): FastifyServerOptions {
    const { logger, tls } = this.#options;
    const parser = {
      IncomingMessage: UpgradableRequest,
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headers,
      connectionsCheckingInterval: LIMITS.connectionsCheck,
    };
    const common: FastifyServerOptions = {
      loggerInstance: logger,
      logController: new LogController({ disableRequestLogging: true }),
      bodyLimit: LIMITS.bodyBytes,
      requestTimeout: LIMITS.request,
      keepAliveTimeout: LIMITS.keepAlive,
      return503OnClosing: false,
      exposeHeadRoutes: false,
      routerOptions: { maxParamLength: LIMITS.paramLength },
      frameworkErrors: (error, _request, reply) => {
        void replyProblem(reply.headers(SECURITY_HEADERS), faultOf(error));
      },
      clientErrorHandler: (error, socket) => this.#refuse(error, socket),
    };
    // Fastify has a type of its own for each kind of server; an https.Server is used like an http.Server.
    const secure: object = {
      https: { ...parser, ...tls, requestTimeout: LIMITS.request, handshakeTimeout: LIMITS.handshake },
    };
    return { ...common, ...(tls === null ? { http: parser } : secure) };
  }

  /** Counts what was answered; a stream is none of it, however long it lasts. */
  #measure(): void {
    this.#app.addHook('onResponse', (request, reply, done) => {
      const type = reply.raw.getHeader('content-type');
      if (typeof type !== 'string' || !/^(?:text\/event-stream|application\/x-ndjson)/.test(type)) {
        const route = request.routeOptions.url;
        const { statusCode: status } = reply.raw;
        const method = route === undefined ? 'any' : request.method;
        const seconds = reply.elapsedTime / 1000;
        this.#options.metrics.answered({ method, route: route ?? 'none', status, seconds });
      }
      done();
    });
  }

  #guard(server: Server): void {
    const { connections, logger } = this.#options;
    server.maxConnections = connections.all;
    // Said once a run: whoever opens thousands of connections must not fill the journal too.
    server.once('drop', () => logger.info('connection dropped: too many'));
    server.on('connection', (socket) => {
      if (isGone(server, socket)) return void socket.destroy();
      const address = socket.remoteAddress ?? '';
      const others = this.#perAddress.get(address) ?? 0;
      if (others >= connections.perAddress && address !== '' && !isLoopback(address)) {
        socket.destroy();
        return;
      }
      this.#perAddress.set(address, others + 1);
      keep(this.#connections, socket);
      socket.once('close', () => {
        const left = (this.#perAddress.get(address) ?? 1) - 1;
        if (left > 0) this.#perAddress.set(address, left);
        else this.#perAddress.delete(address);
      });
    });
    // Before the HTTP server hears of it.
    server.prependListener('secureConnection', (socket: Socket) => {
      if (isGone(server, socket)) return void socket.destroy();
      keep(this.#speaking, socket);
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

  #readBodies(): void {
    this.#app.removeAllContentTypeParsers();
    this.#app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
      if (body === '') return done(null, undefined);
      try {
        done(null, JSON.parse(body as string) as unknown);
      } catch (cause) {
        done(new HttpFault(400, 'bad-request', 'The body is not valid JSON.', { mend: SEND_JSON, cause }));
      }
    });
  }

  #answerFaults(): void {
    this.#app.addHook('onRequest', async (request, reply) => {
      this.#expectAnswer(request.raw.socket, reply.raw);
      void reply.headers(SECURITY_HEADERS);
      if (this.#stopping) throw stopping();
      const { route } = request.routeOptions.config as { route?: Route };
      await this.#options.admit(request, route ?? null);
    });
    this.#app.setErrorHandler((error, request, reply) => {
      const { route } = request.routeOptions.config as { route?: Route };
      if (route?.command !== undefined) this.#options.refused(request, route.command, error);
      const fault = faultOf(error);
      if (fault.code === 'internal') {
        request.log.error({ err: error, method: request.method, url: request.url }, 'request failed');
      }
      return replyProblem(reply, fault);
    });
    this.#app.setNotFoundHandler((request, reply) =>
      replyProblem(reply, noRoute(this.#options.routes, request)),
    );
  }

  #isAnswering(socket: Socket): boolean {
    return (this.#answering.get(socket)?.size ?? 0) > 0;
  }

  #expectAnswer(socket: Socket, response: ServerResponse): void {
    const due = this.#answering.get(socket) ?? new Set();
    if (!this.#answering.has(socket)) {
      this.#answering.set(socket, due);
      // Node tells only the response whose turn it is. What waits behind it on the connection would wait for ever, and
      // keep its stream, its place and its journalctl.
      socket.once('close', () => {
        for (const one of [...due]) if (!one.closed) one.emit('close');
      });
    }
    due.add(response);
    response.once('close', () => due.delete(response));
  }

  /** An answer is in memory until it is read, and there can be as many as there are requests. */
  #limitReading(): void {
    const { answerMs = LIMITS.answer } = this.#options;
    this.#app.addHook('onSend', (request, reply, payload, done) => {
      const deadline = setTimeout(() => request.raw.socket.destroy(), answerMs).unref();
      reply.raw.once('close', () => clearTimeout(deadline));
      done(null, payload);
    });
  }

  /** Answers bytes that are no HTTP request, where an answer can still be told from another. */
  #refuse(error: Error, socket: Socket): void {
    const { code } = error as NodeJS.ErrnoException;
    // Who has not shaken hands cannot be answered: the end would be waited for without end.
    const isMute = !this.#speaking.has(socket);
    if (isMute || this.#isAnswering(socket) || !socket.writable || code === 'ECONNRESET') socket.destroy();
    else socket.end(rawProblem(parserFaultOf(error)), () => socket.destroy());
  }
}

function keep(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}

/**
 * Whether a TCP client is gone before anything was heard of it. Nobody could say any more where its request came from.
 * Where it is not, Node keeps its address from here on.
 */
function isGone(server: Server, socket: Socket): boolean {
  return socket.remoteAddress === undefined && typeof server.address() !== 'string';
}

/** What is said to everybody while the gateway stops. */
export function stopping(): RoviError {
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
