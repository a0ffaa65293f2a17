import { impactQuerySchema, impactSchema } from '@rovi/contract';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** What a command would hit, before it is sent. */
export function impactRoutes({ conductor }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/impact',
        id: 'getImpact',
        tag: 'commands',
        summary: 'What a command would hit now, and the token to confirm exactly that',
        details:
          'A command that carries the token as `confirm` is refused with `situation-changed` where it would by then hit ' +
          'anything else, or another run of it; the problem has the new impact in `context.impact`.',
        query: impactQuerySchema,
        answers: [{ status: 200, is: 'The impact', schema: impactSchema }],
        errors: ['stack-unknown', 'bus-unavailable'],
      },
      ({ query: { command, stack } }) => conductor.impact(command, stack),
    ),
  ];
}
