import {
  maintenanceBodySchema,
  maintenanceEndSchema,
  maintenanceListSchema,
  maintenanceSchema,
} from '@rovi/contract';
import { ACTOR_HEADERS } from '../parse.js';
import { requestOf } from '../request-of.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** What somebody works on, which nothing starts meanwhile. */
export function maintenanceRoutes({ conductor }: RouteContext): Route[] {
  const list = () => ({ maintenance: conductor.snapshot().maintenance });
  return [
    route(
      {
        method: 'GET',
        path: '/api/maintenance',
        id: 'listMaintenance',
        tag: 'services',
        summary: 'What is in maintenance, the robot first',
        answers: [{ status: 200, is: 'The maintenances', schema: maintenanceListSchema }],
      },
      list,
    ),
    route(
      {
        method: 'POST',
        path: '/api/maintenance',
        id: 'beginMaintenance',
        command: 'maintain',
        tag: 'services',
        summary: 'Put a stack, a service or the robot into maintenance, or change its reason and end',
        details:
          'Nothing starts it until that has ended, systemd included: a start is `in-maintenance`. What runs goes on.',
        body: maintenanceBodySchema,
        headers: ACTOR_HEADERS,
        answers: [{ status: 200, is: 'The maintenance', schema: maintenanceSchema }],
        errors: ['not-found', 'state-unwritable'],
      },
      ({ body }, request) => conductor.maintain(body, requestOf(request, body.reason)),
    ),
    route(
      {
        method: 'POST',
        path: '/api/maintenance/end',
        id: 'endMaintenance',
        command: 'end-maintenance',
        tag: 'services',
        summary: 'End a maintenance; nothing is started by that',
        body: maintenanceEndSchema,
        headers: ACTOR_HEADERS,
        answers: [{ status: 200, is: 'What is still in maintenance', schema: maintenanceListSchema }],
        errors: ['not-found', 'state-unwritable'],
      },
      async ({ body: { target, reason } }, request) => {
        await conductor.endMaintenance(target, requestOf(request, reason));
        return list();
      },
    ),
  ];
}
