import { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { EVENTS_PROTOCOL } from '@rovi/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { HttpFault } from '../fault.js';

/**
 * WebSocket handshakes as requests like any other:
 *
 * - A GET of HTTP/1.1 with `Upgrade: websocket` goes through Fastify, so that its hooks (who asks, may they, are we
 *   stopping) and its refusals are those of every route. The handler that takes it calls {@link Upgrades.accept}.
 * - Every other `Upgrade` (Java's client offers h2c with each request) is ignored, as RFC 9110 §7.8 allows. Node
 *   decides that by one question, whether anybody listens for upgrades at all; {@link UpgradableRequest} decides better.
 * - After a refusal the connection is closed: Node's HTTP parser has left it.
 */

/** Bytes of a client's message: none is heard, so none need be long. */
const MAX_MESSAGE = 1_024;
const HANDSHAKE = 'Let a WebSocket library make the handshake (RFC 6455, version 13).';

/** Requests whose headers say something of an upgrade. Not a private field: Node's constructor writes before there is one. */
const offering = new WeakSet<IncomingMessage>();

/** A request that Node hands over as an upgrade only where it is a WebSocket's; for `http.createServer`. */
export class UpgradableRequest extends IncomingMessage {
  /** Node's parser sets it before it has the headers, and asks once it has them. */
  get upgrade(): boolean {
    if (!offering.has(this)) return false;
    const { method, httpVersion, headers } = this;
    // Node closes the connection of a CONNECT: nobody listens for these.
    if (method === 'CONNECT') return true;
    return method === 'GET' && httpVersion === '1.1' && headers.upgrade?.toLowerCase() === 'websocket';
  }

  set upgrade(offers: unknown) {
    if (offers === true) offering.add(this);
    else offering.delete(this);
  }
}

/** A connection that became a WebSocket. */
export interface Accepted {
  readonly webSocket: WebSocket;
  /** What it runs on: tells when the client has read enough to be sent more. */
  readonly socket: Socket;
}

interface Handshake {
  readonly socket: Socket;
  /** What the client sent after it. */
  readonly head: Buffer;
}

/** Leads handshakes to the routes, and makes WebSockets of those that a route accepts. */
export class Upgrades {
  readonly #handshakes = new WeakMap<IncomingMessage, Handshake>();
  readonly #engine = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE,
    // The token that a browser brings as a protocol is not said back.
    handleProtocols: (offered) => (offered.has(EVENTS_PROTOCOL) ? EVENTS_PROTOCOL : false),
  });

  /**
   * Gives the server's handshakes to `serve`, which answers requests. Where `isAnswering` says so an earlier response is
   * still under way on the connection; nothing can be put between its bytes, so it is closed.
   */
  attach(
    server: Server,
    serve: (request: IncomingMessage, response: ServerResponse) => void,
    isAnswering: (socket: Socket) => boolean,
  ): void {
    server.on('upgrade', (request, duplex, head) => {
      const socket = duplex as Socket;
      // Node's own listener is gone by now, and a reset must not end the process.
      socket.on('error', () => socket.destroy());
      if (isAnswering(socket)) return void socket.destroy();
      this.#handshakes.set(request, { socket, head });
      const response = new ServerResponse(request);
      response.shouldKeepAlive = false;
      response.once('finish', () => {
        // What is left unread would reset the connection before the answer is read.
        socket.resume();
        socket.destroySoon();
      });
      response.assignSocket(socket);
      serve(request, response);
    });
  }

  /** Whether the request is a handshake. */
  has(request: FastifyRequest): boolean {
    return this.#handshakes.has(request.raw);
  }

  /** Makes the connection a WebSocket and takes the reply over. Throws `bad-request` (400) for what the handshake lacks. */
  accept(request: FastifyRequest, reply: FastifyReply): Accepted {
    const handshake = this.#handshakes.get(request.raw);
    if (handshake === undefined) throw new Error('not a handshake');
    const { socket, head } = handshake;
    checkHandshake(request);
    const webSocket = this.#shake(request.raw, socket, head);
    reply.hijack();
    reply.raw.detachSocket(socket);
    return { webSocket, socket };
  }

  #shake(request: IncomingMessage, socket: Socket, head: Buffer): WebSocket {
    let result: WebSocket | Error = new Error('The connection was closed.');
    const refuse = (error: Error): void => {
      result = error;
    };
    // ws tells both in the same turn: there is nothing in a handshake that it waits for.
    this.#engine.once('wsClientError', refuse);
    this.#engine.handleUpgrade(request, socket, head, (webSocket) => {
      result = webSocket;
    });
    this.#engine.off('wsClientError', refuse);
    const made = result as WebSocket | Error;
    if (!(made instanceof Error)) return made;
    throw new HttpFault(400, 'bad-request', `No WebSocket handshake: ${made.message}.`, {
      mend: HANDSHAKE,
      headers: { 'sec-websocket-version': '13' },
      cause: made,
    });
  }
}

/** What ws does not look at. */
function checkHandshake({ headers }: FastifyRequest): void {
  if ((headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined) {
    throw new HttpFault(400, 'bad-request', 'A WebSocket handshake has no body.', { mend: HANDSHAKE });
  }
  const offered = headers['sec-websocket-protocol'];
  if (offered === undefined || offered.split(',').some((one) => one.trim() === EVENTS_PROTOCOL)) return;
  throw new HttpFault(400, 'bad-request', `None of the subprotocols offered is ${EVENTS_PROTOCOL}.`, {
    mend: `Offer ${EVENTS_PROTOCOL}, or no subprotocol.`,
    context: { protocol: EVENTS_PROTOCOL },
  });
}
