import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { RoviError } from '@rovi/contract';
import { foreignAnswer, timedOut } from './failure.js';
import type { Transport, TransportAnswer, TransportRequest, TransportStream } from './transport.js';

/**
 * The one file that knows how Node speaks HTTP: browsers have a `Transport` of their own. Each call has a connection of
 * its own, so that none waits behind another and a dead one is never reused.
 */

/** More than the largest answer of the API: 100 000 log entries whose messages, at most 16 Mi characters, are all escaped. */
const MAX_BODY_CHARACTERS = 201_326_592;

/** One way to a gateway, as `node:http` takes it. */
export interface Wire {
  /** Begins one request on a connection of its own. */
  open(options: RequestOptions): ClientRequest;
  /** Headers of every request; `host` among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** The one translation of what `node:http` reports. `connected`: what was asked for may have arrived. */
  failure(error: unknown, connected: boolean): RoviError;
  /** Milliseconds until a connection stands; without it only the request's own deadline ends the waiting. */
  readonly connectMs?: number;
}

/** HTTP over a wire of Node's. */
export class NodeTransport implements Transport {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  async call(request: TransportRequest): Promise<TransportAnswer> {
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(timedOut(request.path, request.timeoutMs)),
      request.timeoutMs,
    );
    try {
      const response = await this.#send(request, AbortSignal.any(signalsOf(request, deadline.signal)));
      let body = '';
      for await (const chunk of this.#read(response, request, deadline.signal)) {
        body += chunk;
        if (body.length > MAX_BODY_CHARACTERS) throw foreignAnswer(request.path, 'it is too long');
      }
      return { status: response.statusCode ?? 0, body };
    } finally {
      clearTimeout(timer);
    }
  }

  async stream(request: TransportRequest): Promise<TransportStream> {
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(timedOut(request.path, request.timeoutMs)),
      request.timeoutMs,
    );
    try {
      const response = await this.#send(request, AbortSignal.any(signalsOf(request, deadline.signal)));
      response.setTimeout(request.timeoutMs, () =>
        response.destroy(timedOut(request.path, request.timeoutMs)),
      );
      return {
        status: response.statusCode ?? 0,
        contentType: response.headers['content-type'] ?? '',
        chunks: this.#read(response, request, deadline.signal),
      };
    } finally {
      clearTimeout(timer);
    }
  }

  #send(request: TransportRequest, signal: AbortSignal): Promise<IncomingMessage> {
    const { method, path, headers, body } = request;
    const { connectMs } = this.#wire;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const outgoing = this.#wire.open({
        method,
        path,
        agent: false,
        signal,
        headers: {
          ...this.#wire.headers,
          ...headers,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      });
      const late =
        connectMs === undefined ? undefined : setTimeout(() => outgoing.destroy(tooLate()), connectMs);
      const connected = (): void => {
        clearTimeout(late);
        stands = true;
      };
      let stands = false;
      outgoing.once('socket', (socket) => {
        socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
      });
      outgoing.once('response', resolve);
      outgoing.once('close', () => clearTimeout(late));
      // Stays after the response: an abort is reported here as well as on the response.
      outgoing.on('error', (error) => {
        reject(signal.aborted ? (signal.reason as Error) : this.#wire.failure(error, stands));
      });
      outgoing.end(body);
    });
  }

  async *#read(
    response: IncomingMessage,
    { signal }: TransportRequest,
    deadline: AbortSignal,
  ): AsyncGenerator<string> {
    response.setEncoding('utf8');
    try {
      for await (const chunk of response) yield chunk as string;
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      if (deadline.aborted) throw deadline.reason;
      throw this.#wire.failure(error, true);
    } finally {
      response.destroy();
    }
  }
}

function tooLate(): Error {
  return Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' });
}

function signalsOf(request: TransportRequest, deadline: AbortSignal): AbortSignal[] {
  return request.signal === undefined ? [deadline] : [request.signal, deadline];
}
