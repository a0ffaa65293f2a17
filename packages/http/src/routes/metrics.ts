import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** What a Prometheus server scrapes. */
export function metricRoutes({ metrics }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/metrics',
        id: 'getMetrics',
        tag: 'gateway',
        summary: 'Figures for Prometheus, in its text format 0.0.4',
        details: 'docs/api.md lists them. While the connection to systemd is lost every state is UNKNOWN.',
        answers: [{ status: 200, is: 'The figures', type: 'text/plain' }],
      },
      async (_input, _request, reply) =>
        reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').send(await metrics.text()),
    ),
  ];
}
