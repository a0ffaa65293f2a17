import { RoviError, robotHealthSchema } from '@rovi/contract';
import type { RobotHealth } from '@rovi/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { PageFolder } from '../page-folder.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** Scripts and fonts are the gateway's own; component libraries write styles into elements. */
const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
};

/**
 * The web page. Its files say nothing of the robot, so that anyone may load them: what it shows it asks the API for.
 * A path below it that is no file is one of the page's own views.
 */
export function pageRoutes(context: RouteContext, folder: PageFolder | null): Route[] {
  const page = (path: string, id: string, summary: string): Route =>
    route(
      {
        method: 'GET',
        path,
        id,
        tag: 'gateway',
        role: 'anyone',
        summary,
        ...(path.includes('*') ? { params: z.object({ '*': z.string() }) } : {}),
        answers: (['text/html', 'text/css', 'text/javascript', 'image/svg+xml'] as const).map((type) => ({
          status: 200,
          is: 'The page, or a file of it',
          type,
        })),
        errors: ['not-found'],
      },
      (_input, request, reply) => serve(folder, request, reply),
    );
  return [
    route(
      {
        method: 'GET',
        path: '/',
        id: 'getRoot',
        tag: 'gateway',
        role: 'viewer',
        opens: wantsPage,
        summary: 'How the robot is, and how many tickets there are; leads browsers to the web page',
        details: 'Who asks for `text/html` is led to the page, and needs no token for that.',
        headers: {
          Accept: { schema: z.string(), is: 'With `text/html` in it the answer leads to the page.' },
        },
        answers: [
          {
            status: 200,
            is: 'How it is',
            schema: robotHealthSchema,
            headers: { Vary: '`Accept`' },
          },
          { status: 302, is: 'To a browser', type: 'text/plain', headers: { Location: 'The web page.' } },
        ],
      },
      (_input, request, reply) => {
        void reply.header('vary', 'Accept');
        if (wantsPage(request)) {
          return reply
            .code(302)
            .headers({ location: '/services/', 'content-type': 'text/plain; charset=utf-8' })
            .send('The web page is at /services/\n');
        }
        return healthOf(context);
      },
    ),
    page('/services', 'getPage', 'The web page'),
    page('/services/*', 'getPageFile', 'The web page: its views and files'),
  ];
}

function wantsPage({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/html') === true;
}

function healthOf({ conductor, tickets, version }: RouteContext): RobotHealth {
  const { available, counts, estop } = tickets.status;
  const whole = available && conductor.snapshot().bus.connected;
  const status = estop.active ? 'estopped' : whole ? 'operational' : 'degraded';
  return { service: 'rovi', version, status, tickets: counts };
}

async function serve(
  folder: PageFolder | null,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (folder === null) {
    throw new RoviError('not-found', 'the web page is not installed', {
      mend: 'Run `npm run build` and install.sh again.',
    });
  }
  const { '*': path = '' } = (request.params ?? {}) as { '*'?: string };
  const file = folder.find(path);
  if (file === null) {
    throw new RoviError('not-found', 'the web page has no such file', { mend: 'Open /services/ instead.' });
  }
  void reply.headers({
    ...PAGE_HEADERS,
    'content-type': file.type,
    etag: file.etag,
    vary: 'accept-encoding',
    'cache-control': file.hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
  const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const small = takesGzip ? await file.gzipped() : null;
  return small === null ? reply.send(file.bytes) : reply.header('content-encoding', 'gzip').send(small);
}
