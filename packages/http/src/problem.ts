import { STATUS_CODES } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { ProblemDetails } from '@rovi/contract';
import type { FastifyReply } from 'fastify';
import type { HttpFault } from './fault.js';

const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

/** The fault as the text of an RFC 9457 document, about `path` where it names nothing else. Never throws: a context that is no JSON is left out. */
export function problemText(fault: HttpFault, path?: string): string {
  const instance = fault.instance ?? path;
  const details: ProblemDetails = {
    type: `urn:rovi:error:${fault.code}`,
    title: fault.code.replaceAll('-', ' '),
    status: fault.status,
    ...(instance === undefined ? {} : { instance }),
    detail: fault.message,
    code: fault.code,
    mend: fault.mend,
    context: { ...fault.context },
  };
  try {
    return JSON.stringify(details);
  } catch {
    return JSON.stringify({ ...details, context: {} });
  }
}

/** The path that was asked for, without its query; not longer than a person reads. */
export function pathOf(request: { readonly url: string }): string {
  return (request.url.split('?')[0] ?? '').slice(0, 300);
}

/** Answers a request with a problem. */
export function replyProblem(reply: FastifyReply, fault: HttpFault): FastifyReply {
  return reply
    .code(fault.status)
    .headers(fault.headers)
    .header('content-type', PROBLEM_TYPE)
    .send(problemText(fault, pathOf(reply.request)));
}

/** Answers a request that Fastify never sees (an `Expect` it cannot meet). */
export function endWithProblem(response: ServerResponse, fault: HttpFault): void {
  const text = problemText(fault);
  response.writeHead(fault.status, {
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    connection: 'close',
  });
  response.end(text);
}

/** A whole HTTP/1.1 response for a connection whose bytes never became a request. */
export function rawProblem(fault: HttpFault): string {
  const text = problemText(fault);
  return [
    `HTTP/1.1 ${fault.status} ${STATUS_CODES[fault.status] ?? 'Error'}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(text)}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    text,
  ].join('\r\n');
}
