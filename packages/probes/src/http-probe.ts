import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Probe, Seen, SpecOf } from './probe.js';
import { bad, good, unseen } from './probe.js';
import { portOf, whereOf } from './port-of.js';
import { socketError } from './socket-error.js';

/** What of an answer is looked at. */
const BODY_BYTES = 64 * 1024;
/** Interim answers (1xx) that are read: a server can send them without end, as fast as they are read. */
const INTERIM_ANSWERS = 16;

/**
 * One GET on a connection of its own; redirects are answers, not followed. Without `body` the status decides, and what
 * comes after it is not waited for: it may be a stream of pictures. Certificates are not checked: a robot's services have
 * their own, and the question is who answers, not who they are.
 */
export const httpProbe: Probe<'http'> = {
  type: 'http',
  look(spec, target, signal) {
    const port = portOf(spec.port, target);
    const { host, path } = spec;
    const began = performance.now();
    return new Promise<Seen>((resolve) => {
      const options = {
        host,
        port,
        path,
        method: 'GET',
        agent: false as const,
        headers: { 'User-Agent': 'rovi-gateway', Accept: '*/*', Connection: 'close' },
      };
      const asked: ClientRequest =
        spec.scheme === 'https'
          ? httpsRequest({ ...options, rejectUnauthorized: false })
          : httpRequest(options);
      const abort = (): void => end(unseen('the look was ended'));
      const end = (seen: Seen): void => {
        signal.removeEventListener('abort', abort);
        asked.destroy();
        resolve(seen);
      };
      const fail = (error: Error): void => end(socketError(error, whereOf(host, port)));
      asked.on('error', fail);
      const decide = (answer: IncomingMessage): void => {
        answer.on('error', fail);
        judge(answer, spec, began).then(end, fail);
      };
      asked.once('response', decide);
      // 101: what comes after it is another protocol, and nobody would tell of it without a listener.
      asked.once('upgrade', (answer, socket) => {
        socket.destroy();
        decide(answer);
      });
      let interim = 0;
      asked.on('information', () => {
        interim += 1;
        if (interim > INTERIM_ANSWERS) end(bad(`${whereOf(host, port)}: interim answers (1xx) without end`));
      });
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      asked.end();
    });
  },
};

async function judge(answer: IncomingMessage, spec: SpecOf<'http'>, began: number): Promise<Seen> {
  const status = answer.statusCode ?? 0;
  const wrongStatus = spec.status === undefined ? status < 200 || status > 399 : status !== spec.status;
  const found = wrongStatus || spec.body === undefined ? null : await holds(answer, spec.body);
  const latency_ms = Math.round((performance.now() - began) * 10) / 10;
  const figures = { status, latency_ms };
  const said = `HTTP ${status} after ${latency_ms} ms`;
  if (wrongStatus) {
    return bad(spec.status === undefined ? said : `${said}, expected ${spec.status}`, figures);
  }
  if (found === false) return bad(`${said}, without "${spec.body ?? ''}" in the answer`, figures);
  const limit = spec.max_latency;
  if (limit !== undefined && latency_ms > limit * 1000) {
    return bad(`${said}, expected at most ${limit * 1000} ms`, figures);
  }
  return good(said, figures);
}

/** Whether the text is in the first {@link BODY_BYTES} of the answer; reads no further than it must. */
async function holds(answer: IncomingMessage, text: string): Promise<boolean> {
  const wanted = Buffer.from(text);
  let body = Buffer.alloc(0);
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    body = Buffer.concat([body, chunk]).subarray(0, BODY_BYTES);
    if (body.includes(wanted)) return true;
    if (body.length >= BODY_BYTES) return false;
  }
  return false;
}
