import { RoviError } from '@rovi/contract';
import type { ErrorCode, RoviErrorOptions } from '@rovi/contract';
import { statusOf } from './status.js';

export interface HttpFaultOptions extends RoviErrorOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** The path of what the problem is about, where it is not the one asked for. */
  readonly instance?: string;
}

/** A refusal that HTTP itself has a status for (wrong method, body too large), where the code alone says too little. */
export class HttpFault extends RoviError {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly instance: string | undefined;

  constructor(status: number, code: ErrorCode, message: string, options: HttpFaultOptions = {}) {
    super(code, message, options);
    this.status = status;
    this.headers = options.headers ?? {};
    this.instance = options.instance;
  }
}

/** What Fastify finds wrong with a request, in our words; a code of Fastify's that is not here is a defect. */
const fastifyFaults: Readonly<Record<string, readonly [status: number, message: string]>> = {
  FST_ERR_BAD_URL: [400, 'The path is not validly percent-encoded.'],
  FST_ERR_INVALID_URL: [400, 'The URL is not valid.'],
  FST_ERR_MAX_PARAM_LENGTH: [414, 'A part of the path is longer than 100 characters.'],
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'The body is larger than 16 kB.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, 'The body is not application/json.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'The body is not as long as Content-Length says.'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'The body is not valid JSON.'],
};

/** What Node's HTTP parser finds wrong with the bytes on a connection. */
const parserFaults: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'The request line and headers are larger than 8 kB.'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'The chunk extensions are too large.'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.'],
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Any value thrown while a request was handled, as what is answered. What nobody foresaw says nothing of its inside. */
export function faultOf(thrown: unknown): HttpFault {
  if (thrown instanceof HttpFault) return thrown;
  if (thrown instanceof RoviError && thrown.code !== 'internal') {
    const { code, message, mend, context } = thrown;
    return new HttpFault(statusOf(code), code, message, { mend, context, cause: thrown });
  }
  const known = fastifyFaults[codeOf(thrown)];
  if (known !== undefined) return new HttpFault(known[0], 'bad-request', known[1], { cause: thrown });
  // A client that sends half a body and hangs up: nobody reads the answer, but it is no defect either.
  if (codeOf(thrown) === 'ECONNRESET') {
    return new HttpFault(400, 'bad-request', 'The request ended early.', { cause: thrown });
  }
  return new HttpFault(500, 'internal', 'The gateway met an error that it did not foresee.', {
    mend: 'This is a defect in Rovi: please report it with `journalctl -u rovi-gateway`.',
    cause: thrown,
  });
}

/** The fault for bytes that never became a request. */
export function parserFaultOf(error: unknown): HttpFault {
  const [status, message] = parserFaults[codeOf(error)] ?? [400, 'This is not a valid HTTP request.'];
  return new HttpFault(status, 'bad-request', message, { cause: error });
}
