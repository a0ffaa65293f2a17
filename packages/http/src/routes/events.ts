import { eventSchema, eventsQuerySchema, problemSchema } from '@rovi/contract';
import type { EventsQuery, RoviEvent } from '@rovi/contract';
import { z } from 'zod';
import { frameOf } from '../event-stream.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** A place in the events of one run of the conductor. */
export interface ResumePoint {
  readonly boot: string;
  readonly since: number;
}

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

/** The event stream: what was missed, or else a snapshot, and then every event in order without a gap. */
export function eventRoutes({ conductor, events }: RouteContext): Route[] {
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
          'stream, the last event is `dropped`, with the reason.',
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
      },
      ({ query }, request, reply) => {
        const point = resumePointOf(request.headers['last-event-id'], query);
        const stream = events.open(reply);
        // All in one turn: nothing can happen between what is read here and the subscription.
        const snapshot = conductor.snapshot();
        const { boot_id, seq, at } = snapshot;
        const frame = (event: RoviEvent): string => frameOf(event.type, event, `${boot_id}:${event.seq}`);
        const missed = point === null ? null : conductor.eventsSince(point.since, point.boot);
        const unsubscribe = conductor.subscribe((event) => stream.send(frame(event)));
        stream.closed.addEventListener('abort', unsubscribe, { once: true });
        if (stream.closed.aborted) unsubscribe();
        stream.begin((missed ?? [{ type: 'snapshot', seq, at, snapshot } as const]).map(frame));
        return reply;
      },
    ),
  ];
}
