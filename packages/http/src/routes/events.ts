import { eventSchema, eventsQuerySchema, problemSchema } from '@rovi/contract';
import type { EventsQuery } from '@rovi/contract';
import { z } from 'zod';
import { EventFeed } from '../event-feed.js';
import type { ResumePoint } from '../event-feed.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/**
 * Where a client wants to go on: Last-Event-ID before the query, since a client that reconnects repeats its first URL.
 * Null where neither says so in full; a foreign Last-Event-ID is no fault, the client just gets the whole state.
 */
export function resumePointOf(lastEventId: unknown, query: EventsQuery): ResumePoint | null {
  const [, boot, seq] =
    /^([\w-]{1,64}):(\d{1,15})$/.exec(typeof lastEventId === 'string' ? lastEventId : '') ?? [];
  if (boot !== undefined) return { boot, since: Number(seq) };
  return query.boot === undefined || query.since === undefined
    ? null
    : { boot: query.boot, since: query.since };
}

/** The event stream, server-sent or over a WebSocket: what was missed, or else a snapshot, and then every event in order without a gap. */
export function eventRoutes({ conductor, events, upgrades }: RouteContext): Route[] {
  const feed = new EventFeed(conductor);
  return [
    route(
      {
        method: 'GET',
        path: '/api/events',
        id: 'streamEvents',
        tag: 'events and logs',
        summary: 'Every change as it happens, the whole state first',
        details:
          'Each event has `id: <run>:<sequence number>`. A comment comes every 15 s. Whenever the gateway ends the ' +
          'stream, the last event is `dropped`, with the reason.\n\nWith `Upgrade: websocket` (subprotocol ' +
          '`rovi.events.v1`, or none) the same as a WebSocket: answered with 101, then one `LiveMessage` a text message. ' +
          'A message from the client ends it.',
        query: eventsQuerySchema,
        headers: {
          'Last-Event-ID': {
            schema: z.string(),
            is: 'The id of the last event that was heard, to resume after; goes before the query.',
          },
        },
        answers: [
          {
            status: 200,
            is: 'The stream',
            type: 'text/event-stream',
            events: {
              ...Object.fromEntries(eventSchema.options.map(({ shape }) => [shape.type.value, eventSchema])),
              dropped: problemSchema,
            },
          },
        ],
        errors: ['too-many-clients'],
        websocket: true,
      },
      ({ query }, request, reply) => {
        const point = resumePointOf(request.headers['last-event-id'], query);
        if (upgrades.has(request))
          feed.follow(events.openSocket(request, reply, upgrades), 'websocket', point);
        else feed.follow(events.open(request, reply), 'sse', point);
        return reply;
      },
    ),
  ];
}
