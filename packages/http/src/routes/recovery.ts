import { reasonBodySchema, recoverySchema, reloadSchema } from '@rovi/contract';
import { ACTOR_HEADERS } from '../parse.js';
import { requestOf } from '../request-of.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/**
 * What sets right and reads again. Operators may: neither does what they could not do unit by unit, and the catalog file
 * that is read again is root's.
 */
export function recoveryRoutes({ conductor }: RouteContext): Route[] {
  const all = { method: 'POST', tag: 'gateway', body: reasonBodySchema, headers: ACTOR_HEADERS } as const;
  return [
    route(
      {
        ...all,
        path: '/api/recover',
        id: 'recover',
        command: 'recover',
        summary: 'Reset what has failed, where polkit allows it, and read everything again',
        details:
          'Starts nothing. Services that were given up on are supervised anew; a failed stack is reset by an admin.',
        answers: [{ status: 200, is: 'What was set right, and what could not be', schema: recoverySchema }],
        errors: [
          'bus-unavailable',
          'bus-timeout',
          'state-unwritable',
          'catalog-unreadable',
          'catalog-invalid',
        ],
      },
      ({ body: { reason } }, request) => conductor.recover(requestOf(request, reason)),
    ),
    route(
      {
        ...all,
        path: '/api/reload',
        id: 'reload',
        command: 'reload',
        summary: 'Read the catalog file again and take over what needs no root',
        details:
          'What is written in files of root (units, polkit) stays as it is until `install.sh` has run, what the gateway takes at its start alone until then; the answer names it.',
        answers: [
          { status: 200, is: 'What is in force now, and what needs install.sh', schema: reloadSchema },
        ],
        errors: ['catalog-unreadable', 'catalog-invalid', 'bus-unavailable', 'bus-timeout'],
      },
      ({ body: { reason } }, request) => conductor.reload(requestOf(request, reason)),
    ),
  ];
}
