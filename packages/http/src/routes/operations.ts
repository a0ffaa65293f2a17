import {
  RoviError,
  operationListSchema,
  operationParamsSchema,
  operationSchema,
  timelineSchema,
} from '@rovi/contract';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** The records of commands, and what came to pass with and without them. */
export function operationRoutes({ conductor }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/operations',
        id: 'listOperations',
        tag: 'operations',
        summary: 'The last 200 operations of this run of the gateway, newest first',
        answers: [{ status: 200, is: 'The operations', schema: operationListSchema }],
      },
      () => ({ operations: conductor.operations() }),
    ),
    route(
      {
        method: 'GET',
        path: '/api/timeline',
        id: 'getTimeline',
        tag: 'operations',
        summary:
          'The last 1,000 changes of state of this run of the gateway, and its operations, newest first',
        details:
          'A change has the id of the operation that had its stack in hand; of what nobody commanded it has none.',
        answers: [{ status: 200, is: 'The timeline', schema: timelineSchema }],
      },
      () => conductor.timeline(),
    ),
    route(
      {
        method: 'GET',
        path: '/api/operations/:id',
        id: 'getOperation',
        tag: 'operations',
        summary: 'One operation',
        params: operationParamsSchema,
        answers: [{ status: 200, is: 'The operation, as far as it is', schema: operationSchema }],
        errors: ['not-found'],
      },
      ({ params: { id } }) => {
        const operation = conductor.operation(id);
        if (operation !== undefined) return operation;
        throw new RoviError('not-found', `there is no operation "${id}"`, {
          mend: 'The last 200 of this run of the gateway are kept: see GET /api/operations.',
        });
      },
    ),
  ];
}
