import { impactQuerySchema, impactSchema } from '@rovi/contract';
import type { StackCommandKind } from '@rovi/contract';
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
          'anything else, or another run of it; the problem has the new impact in `context.impact`. Of a service `waves` ' +
          'has the order of units: those of one wave at the same time, each wave after the one before.',
        query: impactQuerySchema,
        answers: [{ status: 200, is: 'The impact', schema: impactSchema }],
        errors: ['stack-unknown', 'service-unknown', 'scale-refused', 'bus-unavailable'],
      },
      ({ query: { command, stack, service, cascade, instances } }) => {
        // The schema lets neither with a service through.
        if (service !== undefined && command !== 'stop-all' && command !== 'switch') {
          const count = instances === undefined ? {} : { instances };
          return conductor.serviceImpact({ kind: command, service, cascade, ...count });
        }
        return conductor.impact(command as StackCommandKind, stack);
      },
    ),
  ];
}
