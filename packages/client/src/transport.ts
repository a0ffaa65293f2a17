import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { foreignAnswer, timedOut } from './failure.js';
import { connectionFailure } from './socket-failure.js';

/**
 * HTTP over a Unix socket. The one file that knows Node's network: browsers have a `Transport` of their own.
 * Each call has a connection of its own, so that none waits behind another and a dead one is never reused.
 */

export interface TransportRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds until the answer is complete; for a stream, until it begins and between any two pieces of it. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface TransportAnswer {
  readonly status: number;
  readonly body: string;
}

export interface TransportStream {
  readonly status: number;
  readonly contentType: string;
  /** Pieces as they come. Throws a RoviError when the connection fails or is silent for too long. */
  readonly chunks: AsyncIterable<string>;
}

/** How the client reaches a gateway. Rejects with a RoviError, or with the signal's reason when that aborts. */
export interface Transport {
  call(request: TransportRequest): Promise<TransportAnswer>;
  stream(request: TransportRequest): Promise<TransportStream>;
}

/** More than the largest answer of the API: 100 000 log entries whose messages, at most 16 Mi characters, are all escaped. */
const MAX_BODY_CHARACTERS = 201_326_592;

/** A gateway at a Unix socket. */
export class UnixSocketTransport implements Transport {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
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
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const outgoing = httpRequest({
        socketPath: this.#socketPath,
        method,
        path,
        agent: false,
        signal,
        headers: {
          host: 'rovi',
          ...headers,
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        },
      });
      outgoing.once('response', resolve);
      // Stays after the response: an abort is reported here as well as on the response.
      outgoing.on('error', (error) => {
        reject(signal.aborted ? (signal.reason as Error) : connectionFailure(error, this.#socketPath));
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
      throw connectionFailure(error, this.#socketPath);
    } finally {
      response.destroy();
    }
  }
}

function signalsOf(request: TransportRequest, deadline: AbortSignal): AbortSignal[] {
  return request.signal === undefined ? [deadline] : [request.signal, deadline];
}
