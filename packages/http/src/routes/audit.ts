import { auditListSchema, auditQuerySchema } from '@rovi/contract';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';
import { readAudit } from '../access/audit-trail.js';

/** Milliseconds that looking through the journal may take. */
const READ_MS = 15_000;

/** Who commanded what. */
export function auditRoutes({ journal, logs }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/audit',
        id: 'readAudit',
        tag: 'access',
        role: 'operator',
        summary: 'Who commanded what, from where, and what came of it; oldest first',
        details:
          'Each command has an entry when it is accepted or refused, and an accepted one another when it ends. Kept in ' +
          "the gateway's journal, as long as the journal keeps it.",
        query: auditQuerySchema,
        answers: [{ status: 200, is: 'The entries', schema: auditListSchema }],
        errors: ['journal-unavailable', 'too-many-clients'],
      },
      async ({ query: { lines } }, request, reply) => {
        reply.raw.once('close', logs.enter(request));
        return { entries: await readAudit(journal, lines, AbortSignal.timeout(READ_MS)) };
      },
    ),
  ];
}
