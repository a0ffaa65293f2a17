import { estopBodySchema, estopSchema } from '@rovi/contract';
import { ACTOR_HEADERS } from '../parse.js';
import { requestOf } from '../request-of.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** The software e-stop of tickets. */
export function estopRoutes({ tickets }: RouteContext): Route[] {
  const all = {
    method: 'POST',
    tag: 'tickets',
    body: estopBodySchema,
    headers: ACTOR_HEADERS,
    answers: [{ status: 200, is: 'The e-stop as it is now', schema: estopSchema }],
  } as const;
  return [
    route(
      {
        ...all,
        path: '/estop',
        id: 'estop',
        command: 'estop',
        summary: 'Stop what tickets move, cancel what executes, and let nothing begin until it is reset',
        details:
          'It acts before it is written down: `stored` says whether it would survive a restart. It is no safety ' +
          'function: it ends what tickets move, and nothing else.',
      },
      ({ body: { reason } }, request) => tickets.estop(requestOf(request, reason)),
    ),
    route(
      {
        ...all,
        path: '/estop/reset',
        id: 'resetEstop',
        command: 'estop-reset',
        summary: 'Lift the e-stop: what is queued goes on by its turn',
        errors: ['tickets-unavailable', 'state-unwritable'],
      },
      ({ body: { reason } }, request) => tickets.resetEstop(requestOf(request, reason)),
    ),
  ];
}
