import { RoviError } from '@rovi/contract';
import type { Route, RouteContext } from '../route.js';

/** The records of commands. */
export function operationRoutes({ conductor }: RouteContext): Route[] {
  return [
    { method: 'GET', path: '/api/operations', handle: () => ({ operations: conductor.operations() }) },
    {
      method: 'GET',
      path: '/api/operations/:id',
      handle: (request) => {
        const { id } = request.params as { readonly id: string };
        const operation = conductor.operation(id);
        if (operation !== undefined) return operation;
        throw new RoviError('not-found', `there is no operation "${id}"`, {
          mend: 'The last 200 of this run of the gateway are kept: see GET /api/operations.',
        });
      },
    },
  ];
}
