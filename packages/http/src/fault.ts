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

/** What to do about a body that cannot be read. */
export const SEND_JSON = 'Send one JSON object, such as {"reason": "first drive"}, or no body.';

/** A refusal in our words: status, message, mend. */
type Refusal = readonly [status: number, message: string, mend: string];

/** What is said of a path that is not one. */
const WRITE_PATH =
  'Write the path as docs/api.md has it, with what is no letter, digit, "-" or "_" percent-encoded.';

/** What Fastify finds wrong with a request; a code of Fastify's that is not here is a defect. */
const fastifyFaults: Readonly<Record<string, Refusal>> = {
  FST_ERR_BAD_URL: [400, 'The path is not validly percent-encoded.', WRITE_PATH],
  FST_ERR_INVALID_URL: [400, 'The URL is not valid.', WRITE_PATH],
  FST_ERR_MAX_PARAM_LENGTH: [
    414,
    'A part of the path is longer than 100 characters.',
    'No name is that long: GET /api/stacks and GET /api/operations list what there is.',
  ],
  FST_ERR_CTP_BODY_TOO_LARGE: [
    413,
    'The body is larger than 16 kB, or 256 kB of a command to a fleet.',
    'No command needs that much: a reason has at most 500 characters, the metadata of a ticket 8192, a run 1,000 robots.',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    'The body is not application/json.',
    'Send JSON with the header `Content-Type: application/json`, or no body.',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [
    400,
    'The body is not as long as Content-Length says.',
    'Let the HTTP library count, or count bytes and not characters.',
  ],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'The body is not valid JSON.', SEND_JSON],
};

/** What Node's HTTP parser finds wrong with the bytes on a connection. */
const parserFaults: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'The request line and headers are larger than 8 kB.',
    'Leave out what this API does not read; docs/api.md lists its headers.',
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    413,
    'The chunk extensions are too large.',
    'Leave them out: this API reads none.',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'The request did not arrive in time.', 'Send the whole request at once.'],
};

const NOT_HTTP: Refusal = [
  400,
  'This is not a valid HTTP request.',
  'Speak plain HTTP/1.1 on this socket, without TLS: `curl --unix-socket /run/rovi/conductor.sock http://rovi/api/state`.',
];

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
  if (known !== undefined) return refused(known, thrown);
  // A client that sends half a body and hangs up: nobody reads the answer, but it is no defect either.
  if (codeOf(thrown) === 'ECONNRESET') {
    return refused([400, 'The request ended early.', 'Send it again, whole.'], thrown);
  }
  return new HttpFault(500, 'internal', 'The gateway met an error that it did not foresee.', {
    mend: 'This is a defect in Rovi: please report it with `journalctl -u rovi-gateway`.',
    cause: thrown,
  });
}

/** The fault for bytes that never became a request. */
export function parserFaultOf(error: unknown): HttpFault {
  return refused(parserFaults[codeOf(error)] ?? NOT_HTTP, error);
}

function refused([status, message, mend]: Refusal, cause: unknown): HttpFault {
  return new HttpFault(status, 'bad-request', message, { mend, cause });
}
