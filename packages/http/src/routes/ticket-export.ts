import type { TicketDesk } from '@rovi/conductor';
import { RoviError, droppedMessageSchema, ticketDetailSchema, ticketExportQuerySchema } from '@rovi/contract';
import type { TicketDetail, TicketExportQuery } from '@rovi/contract';
import type { FastifyRequest } from 'fastify';
import type { LineStream } from '../line-stream.js';
import { HttpFault } from '../fault.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

const DETAILS =
  'One ticket a line, each with its steps and attempts, oldest first; read as fast as the client reads. What is created or ' +
  'goes on meanwhile may be among them as it was or as it is. An export that is cut off ends with the line ' +
  '`{"type":"dropped","problem":…}`, and its connection breaks off without the end that HTTP/1.1 has (curl exits with ' +
  '18): without that the answer is the whole. A client that reads nothing for a minute is cut off.';

/** All tickets at once, for who keeps or reckons with them elsewhere. */
export function ticketExportRoutes({ tickets, exports }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/tickets/export',
        id: 'exportTickets',
        tag: 'tickets',
        summary: 'Every ticket with its steps and attempts, oldest first, one a line',
        details: DETAILS,
        query: ticketExportQuerySchema,
        answers: [
          {
            status: 200,
            is: 'The tickets',
            type: 'application/x-ndjson',
            lines: [ticketDetailSchema, droppedMessageSchema],
          },
        ],
        errors: ['tickets-unavailable', 'state-unwritable', 'too-many-clients'],
      },
      async ({ query }, request, reply) => {
        requireChunks(request);
        const { first, rest } = await begun(tickets, query);
        let stream: LineStream;
        try {
          stream = exports.openLines(request, reply);
        } catch (error) {
          await rest.return?.();
          throw error;
        }
        void pump(stream, first, rest);
        return reply;
      },
    ),
  ];
}

/** Before HTTP/1.1 an answer that breaks off ends like one that is whole. */
function requireChunks({ raw }: FastifyRequest): void {
  if (raw.httpVersionMajor > 1 || raw.httpVersionMinor > 0) return;
  throw new HttpFault(400, 'bad-request', 'An export over HTTP/1.0 could be cut off without a sign of it.', {
    mend: 'Ask with HTTP/1.1, also in a proxy on the way (nginx: `proxy_http_version 1.1`).',
  });
}

/** With its first ticket: where there is none to be had it is refused as any request is. */
async function begun(
  tickets: TicketDesk,
  query: TicketExportQuery,
): Promise<{ first: IteratorResult<TicketDetail>; rest: AsyncIterator<TicketDetail> }> {
  const rest = tickets.export(query)[Symbol.asyncIterator]();
  return { first: await rest.next(), rest };
}

async function pump(
  stream: LineStream,
  first: IteratorResult<TicketDetail>,
  rest: AsyncIterator<TicketDetail>,
): Promise<void> {
  try {
    for (let next = first; next.done !== true; next = await rest.next()) {
      await stream.send(next.value);
      if (stream.closed.aborted) return void (await rest.return?.());
    }
    stream.finish();
  } catch (error) {
    stream.drop(RoviError.from(error).toProblem());
  }
}
