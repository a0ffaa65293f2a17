import {
  executeBodySchema,
  executionSchema,
  ticketBodySchema,
  ticketCancelSchema,
  ticketCommandListSchema,
  ticketDetailSchema,
  ticketIdSchema,
  ticketListSchema,
  ticketQuerySchema,
  ticketSchema,
} from '@rovi/contract';
import type { ErrorCode, Execution, Ticket } from '@rovi/contract';
import { z } from 'zod';
import { ACTOR_HEADERS, COMMAND_HEADERS, prefersAsync } from '../parse.js';
import { requestOf } from '../request-of.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

const idParams = z.object({ id: ticketIdSchema });

/** What anything can be refused with that waits for the store. */
const STORED: readonly ErrorCode[] = ['tickets-unavailable', 'state-unwritable'];

const EXECUTE_DETAILS =
  'Queues it, and answers when it has come to its end, also where that is `failed` or `cancelled`: `status` says so. ' +
  'Where the robot may not do it now it is refused, and the ticket stays as it was. With `Prefer: respond-async` the ' +
  'answer comes as soon as it is queued. The execution belongs to the robot: a client that goes away does not end it.';

/** Tickets: created, executed, cancelled and read, under the paths that their clients know. */
export function ticketRoutes({ tickets }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'POST',
        path: '/ticket',
        id: 'createTicket',
        command: 'ticket-create',
        tag: 'tickets',
        summary: 'Create a ticket; nothing is executed by that',
        body: ticketBodySchema,
        headers: ACTOR_HEADERS,
        answers: [
          {
            status: 201,
            is: 'The ticket, stored',
            schema: ticketSchema,
            headers: { Location: 'Its address.' },
          },
        ],
        errors: ['ticket-invalid', 'ticket-state', ...STORED],
      },
      async ({ body }, request, reply) => {
        const ticket = await tickets.create(body, requestOf(request, ''));
        return reply.code(201).header('location', addressOf(ticket)).send(ticket);
      },
    ),
    route(
      {
        method: 'GET',
        path: '/ticket/:id',
        id: 'getTicket',
        tag: 'tickets',
        summary: 'One ticket, with every step and every attempt',
        params: idParams,
        answers: [{ status: 200, is: 'The ticket', schema: ticketDetailSchema }],
        errors: ['ticket-unknown', ...STORED],
      },
      ({ params: { id } }) => tickets.read(id),
    ),
    route(
      {
        method: 'POST',
        path: '/execute',
        id: 'executeTicket',
        command: 'ticket-execute',
        tag: 'tickets',
        summary: 'Execute a ticket in its turn',
        details: EXECUTE_DETAILS,
        body: executeBodySchema,
        headers: COMMAND_HEADERS,
        answers: [
          { status: 200, is: 'What came of it', schema: executionSchema },
          {
            status: 202,
            is: 'With `Prefer: respond-async`: it is queued',
            schema: executionSchema,
            headers: { Location: 'The address of the ticket.', 'Preference-Applied': '`respond-async`' },
          },
        ],
        errors: [
          'ticket-unknown',
          'ticket-state',
          'ticket-invalid',
          'estop-active',
          'in-maintenance',
          'motion-refused',
          'motion-unavailable',
          'stack-unknown',
          ...STORED,
        ],
      },
      async ({ body }, request, reply) => {
        const { ticket, finished } = await tickets.execute(body, requestOf(request, ''));
        if (!prefersAsync(request)) return finished;
        return reply
          .code(202)
          .headers({ location: addressOf(ticket), 'preference-applied': 'respond-async' })
          .send(begun(ticket));
      },
    ),
    route(
      {
        method: 'POST',
        path: '/ticket/:id/cancel',
        id: 'cancelTicket',
        command: 'ticket-cancel',
        tag: 'tickets',
        summary: 'End a ticket, whatever it does: a motion is stopped first, then it is written down',
        details: 'One that has come to its end stays as it was, and is answered all the same.',
        params: idParams,
        body: ticketCancelSchema,
        headers: ACTOR_HEADERS,
        answers: [{ status: 200, is: 'The ticket as it is now', schema: ticketDetailSchema }],
        errors: ['ticket-unknown', ...STORED],
      },
      ({ params: { id }, body: { reason } }, request) => tickets.cancel(id, requestOf(request, reason)),
    ),
    route(
      {
        method: 'GET',
        path: '/tickets',
        id: 'listTickets',
        tag: 'tickets',
        summary: 'Tickets, newest first',
        query: ticketQuerySchema,
        answers: [{ status: 200, is: 'A page of them', schema: ticketListSchema }],
        errors: STORED,
      },
      ({ query }) => tickets.list(query),
    ),
    route(
      {
        method: 'GET',
        path: '/ticket-commands',
        id: 'listTicketCommands',
        tag: 'tickets',
        summary: 'The commands that tickets may have, with their parameters as JSON Schema',
        answers: [{ status: 200, is: 'The commands', schema: ticketCommandListSchema }],
      },
      () => ({ commands: tickets.commands }),
    ),
  ];
}

function addressOf({ id }: Ticket): string {
  return `/ticket/${id}`;
}

/** What is said of a ticket that nobody waits for. */
function begun({ id, status, result, error, error_code }: Ticket): Execution {
  return {
    ticket_id: id,
    status,
    result,
    error,
    error_code,
    execution_time_ms: null,
    message: error ?? `the ticket is ${status}`,
  };
}
