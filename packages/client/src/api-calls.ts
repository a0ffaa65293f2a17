import { HEADERS, RoviError, actorNameSchema } from '@rovi/contract';
import type { ApiClientOptions, CallOptions, RequestOptions } from './client-options.js';
import { foreignAnswer, jsonOf, reportedError } from './failure.js';
import { jsonLines } from './json-lines.js';
import type { Transport } from './transport.js';

/** Milliseconds for answers that wait for nothing but the gateway. */
export const READ_MS = 15_000;

/** A schema of the contract. */
export interface Parser<Output> {
  safeParse(value: unknown): { success: true; data: Output } | { success: false; error: Error };
}

/** Requests whose answers are what a schema says. What they reject with is what {@link ApiClient} rejects with. */
export class ApiCalls {
  readonly #transport: Transport;
  readonly #actor: string | undefined;
  readonly #face: string;

  constructor({ transport, actor, face }: ApiClientOptions) {
    this.#transport = transport;
    this.#actor = actor;
    this.#face = face ?? 'http';
  }

  /** Answers as the schema reads it. */
  get<Output>(path: string, schema: Parser<Output>, options: CallOptions): Promise<Output> {
    return this.call({ method: 'GET', path, options, timeoutMs: options.timeout ?? READ_MS }, schema);
  }

  /** The same of a request with a JSON body, as who commands. Rejects with `bad-request` for an actor that cannot be one. */
  // async, so that a bad actor rejects rather than throws
  async post<Output>(
    path: string,
    body: object,
    options: RequestOptions & { readonly headers?: Record<string, string> },
    schema: Parser<Output>,
  ): Promise<Output> {
    const actor = options.actor ?? this.#actor;
    if (actor !== undefined && !actorNameSchema.safeParse(actor).success) {
      throw new RoviError('bad-request', `"${actor}" cannot be the name of an actor`, {
        mend: 'Use 1 to 64 letters, digits or _ . @ + : -',
      });
    }
    return this.call(
      {
        method: 'POST',
        path,
        options,
        timeoutMs: options.timeout ?? READ_MS,
        body: JSON.stringify(body),
        headers: {
          [HEADERS.face]: this.#face,
          ...(actor === undefined ? {} : { [HEADERS.actor]: actor }),
          ...options.headers,
        },
      },
      schema,
    );
  }

  /** The lines of an answer as the schema reads them; throws where it is cut off. */
  async *lines<Output>(
    path: string,
    schema: Parser<Output>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Output, void, undefined> {
    for await (const line of jsonLines(this.#transport, path, signal)) yield parsed(schema, line, path);
  }

  /** The answer to one request, as the schema reads it. */
  async call<Output>(
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

/** The text as the schema reads it; throws `internal` where it is not that. */
export function parsed<Output>(schema: Parser<Output>, text: string, what: string): Output {
  const result = schema.safeParse(jsonOf(text));
  if (result.success) return result.data;
  throw foreignAnswer(what, result.error.message.slice(0, 300), result.error);
}
