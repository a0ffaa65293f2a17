import { RoviError } from '@rovi/contract';
import { timedOut, unreachable } from './failure.js';
import type { Transport, TransportAnswer, TransportRequest, TransportStream } from './transport.js';

export interface FetchTransportOptions {
  /** Where the API is, without a slash at its end. Default: where the page came from. */
  readonly origin?: string;
  /** The token to send; null sends none. Asked anew for each request. */
  readonly token?: () => string | null;
}

/** A gateway over HTTP as browsers speak it. Nothing is cached, no cookie is sent, no redirect is followed. */
export class FetchTransport implements Transport {
  readonly #origin: string;
  readonly #token: () => string | null;

  constructor({ origin = '', token = () => null }: FetchTransportOptions = {}) {
    this.#origin = origin;
    this.#token = token;
  }

  async call(request: TransportRequest): Promise<TransportAnswer> {
    return this.#until(request, async (deadline) => {
      const response = await this.#send(request, deadline);
      return { status: response.status, body: await response.text() };
    });
  }

  async stream(request: TransportRequest): Promise<TransportStream> {
    const gone = new AbortController();
    const response = await this.#until(request, (deadline) => {
      deadline.addEventListener('abort', () => gone.abort(deadline.reason), { once: true });
      return this.#send(request, gone.signal);
    });
    return {
      status: response.status,
      contentType: response.headers.get('content-type') ?? '',
      chunks: this.#pieces(response, request, gone),
    };
  }

  #send({ method, path, headers, body }: TransportRequest, signal: AbortSignal): Promise<Response> {
    const token = this.#token();
    return fetch(`${this.#origin}${path}`, {
      method,
      signal,
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error',
      // A command that was sent arrives, also when the page is closed behind it.
      keepalive: method === 'POST',
      headers: {
        ...headers,
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** The work, given up when the deadline passes or the caller aborts. What went wrong is told in our words. */
  async #until<Answer>(
    { path, timeoutMs, signal }: TransportRequest,
    work: (deadline: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    signal?.throwIfAborted();
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(timedOut(path, timeoutMs)), timeoutMs);
    const abort = (): void => deadline.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      return await work(deadline.signal);
    } catch (error) {
      if (deadline.signal.aborted) throw deadline.signal.reason;
      throw lost(error);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  async *#pieces(
    response: Response,
    { path, timeoutMs, signal }: TransportRequest,
    gone: AbortController,
  ): AsyncGenerator<string> {
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    if (reader === undefined) return;
    const abort = (): void => gone.abort(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      for (;;) {
        const timer = setTimeout(() => gone.abort(timedOut(path, timeoutMs)), timeoutMs);
        const { done, value } = await reader.read().finally(() => clearTimeout(timer));
        if (done) return;
        yield value;
      }
    } catch (error) {
      if (gone.signal.aborted) throw gone.signal.reason;
      throw lost(error);
    } finally {
      signal?.removeEventListener('abort', abort);
      gone.abort();
    }
  }
}

/** `fetch` says only that it failed: not whether a name, a certificate, a connection or a policy was at fault. */
function lost(error: unknown): RoviError {
  if (error instanceof RoviError) return error;
  return unreachable(
    'hung-up',
    'the robot cannot be reached',
    'Look at the network of this device, and whether the robot is on. Stacks that run, run on.',
    error,
  );
}
