import { logsQuerySchema, stackParamsSchema } from '@rovi/contract';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';
import { LOG_ANSWERS, LOG_DETAILS, LOG_HEADERS, UnitLog } from '../unit-log.js';
import { stackOf } from './state.js';

/** A stack's journal. */
export function logRoutes(context: RouteContext): Route[] {
  const { conductor } = context;
  const log = new UnitLog(context);
  return [
    route(
      {
        method: 'GET',
        path: '/api/stacks/:name/logs',
        id: 'readLogs',
        tag: 'events and logs',
        summary: "A stack's journal, oldest entry first",
        details: LOG_DETAILS,
        params: stackParamsSchema,
        query: logsQuerySchema,
        headers: LOG_HEADERS,
        answers: LOG_ANSWERS,
        errors: ['stack-unknown', 'journal-unavailable', 'too-many-clients'],
      },
      async ({ params: { name }, query }, request, reply) =>
        log.answer({ ...stackOf(conductor.snapshot(), name).unit, streams: false }, query, {
          request,
          reply,
        }),
    ),
  ];
}
