import { failureReportSchema, stackParamsSchema } from '@rovi/contract';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** Why a stack ended. */
export function failureRoutes({ conductor, logs }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/stacks/:name/failure',
        id: 'getFailure',
        tag: 'robot',
        summary: "Why a stack's last run ended, what it said last, and what to do",
        details:
          'Of a run that failed, or ended without anybody asking for it. Where the last run was stopped, or none was, or ' +
          'one is under way, it is `not-found`.',
        params: stackParamsSchema,
        answers: [{ status: 200, is: 'The failure', schema: failureReportSchema }],
        errors: ['stack-unknown', 'not-found', 'bus-unavailable', 'too-many-clients'],
      },
      async ({ params: { name } }, request) => {
        const leave = logs.enter(request);
        try {
          return await conductor.failure(name);
        } finally {
          leave();
        }
      },
    ),
  ];
}
