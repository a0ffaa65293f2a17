import { telemetryEventsSchema, telemetryMetricsSchema } from '@rovi/contract';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** Counts and events of tickets as JSON; `/metrics` has the counts for Prometheus. */
export function telemetryRoutes({ tickets }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/telemetry/metrics',
        id: 'getTelemetryMetrics',
        tag: 'tickets',
        summary: 'Counters, gauges and histograms of tickets, of this run of the gateway',
        answers: [{ status: 200, is: 'The metrics', schema: telemetryMetricsSchema }],
      },
      () => tickets.telemetry(),
    ),
    route(
      {
        method: 'GET',
        path: '/telemetry/events',
        id: 'getTelemetryEvents',
        tag: 'tickets',
        summary: 'The last 1,000 events of tickets of this run, newest first',
        answers: [{ status: 200, is: 'The events', schema: telemetryEventsSchema }],
      },
      () => ({ events: tickets.telemetryEvents() }),
    ),
  ];
}
