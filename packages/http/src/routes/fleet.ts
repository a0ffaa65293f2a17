import type { FleetCaller } from '@rovi/conductor';
import {
  RoviError,
  fleetAskBodySchema,
  fleetEventSchema,
  fleetImpactListSchema,
  fleetRobotParamsSchema,
  fleetRunBodySchema,
  fleetRunListSchema,
  fleetRunParamsSchema,
  fleetRunSchema,
  fleetStatusSchema,
  problemSchema,
  snapshotSchema,
} from '@rovi/contract';
import type { ErrorCode } from '@rovi/contract';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../access/caller.js';
import { FleetFeed } from '../fleet-feed.js';
import { ACTOR_HEADERS } from '../parse.js';
import { requestOf } from '../request-of.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** Bytes of a body that names a thousand robots, each with the token of its impact. */
const BODY_BYTES = 262_144;
/** What anything can be refused with that needs the broker and a key. */
const AWAY: readonly ErrorCode[] = ['fleet-off', 'fleet-broker-away'];

/** The robots of a fleet, on a gateway that observes one. */
export function fleetRoutes({ fleet, events }: RouteContext): Route[] {
  const feed = new FleetFeed(fleet);
  return [
    route(
      {
        method: 'GET',
        path: '/api/fleet',
        id: 'getFleet',
        tag: 'fleet',
        summary: 'The robots of the fleet, each with its last report and how that is to be taken',
        details:
          'While this gateway has no connection to the broker, every robot is `stale`. `seen_s` is reckoned without ' +
          "any robot's clock.",
        answers: [{ status: 200, is: 'The fleet', schema: fleetStatusSchema }],
        errors: ['fleet-off'],
      },
      () => fleet.status(),
    ),
    route(
      {
        method: 'GET',
        path: '/api/fleet/events',
        id: 'streamFleetEvents',
        tag: 'fleet',
        summary: 'Every change of the fleet and of its runs, the whole fleet first',
        details:
          'What robots say is gathered for a fifth of a second. Nothing is resumed: who comes again gets the whole. A ' +
          'comment comes every 15 s; where the gateway ends the stream, the last event is `dropped`, with the reason.',
        answers: [
          {
            status: 200,
            is: 'The stream',
            type: 'text/event-stream',
            events: {
              ...Object.fromEntries(
                fleetEventSchema.options.map(({ shape }) => [shape.type.value, fleetEventSchema]),
              ),
              dropped: problemSchema,
            },
          },
        ],
        errors: ['fleet-off', 'too-many-clients'],
      },
      (_input, request, reply) => {
        // While a refusal can still be answered.
        fleet.runs();
        feed.follow(events.open(request, reply));
        return reply;
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/fleet/robots/:robot',
        id: 'getFleetRobot',
        tag: 'fleet',
        summary: 'Everything of one robot, asked of it now: as `GET /api/state` there',
        params: fleetRobotParamsSchema,
        headers: ACTOR_HEADERS,
        answers: [{ status: 200, is: "The robot's own snapshot", schema: snapshotSchema }],
        errors: [...AWAY, 'robot-unknown', 'robot-offline', 'robot-silent', 'signature-refused'],
      },
      ({ params: { robot } }, request) => fleet.look(robot, fleetCaller(request, '')),
    ),
    route(
      {
        method: 'POST',
        path: '/api/fleet/ask',
        id: 'askFleet',
        command: 'fleet-ask',
        tag: 'fleet',
        summary: 'What a command would hit on each of these robots; nothing is done',
        details:
          'A robot that says no, or nothing, has that in its `problem`; the others are answered all the same.',
        body: fleetAskBodySchema,
        bodyBytes: BODY_BYTES,
        headers: ACTOR_HEADERS,
        answers: [{ status: 200, is: 'In the order of the request', schema: fleetImpactListSchema }],
        errors: AWAY,
      },
      async ({ body }, request) => ({ impacts: await fleet.ask(body, fleetCaller(request, '')) }),
    ),
    route(
      {
        method: 'POST',
        path: '/api/fleet/runs',
        id: 'runOnFleet',
        command: 'fleet-run',
        tag: 'fleet',
        summary: 'Send a command to robots; each does it within ten seconds of its own asking, or never',
        details:
          'Answers at once; how it goes on is told by `/api/fleet/events` and by the run. A robot that is not online is ' +
          'not sent anything: with `wait_s` it is asked when it comes back in that time. A run goes on when its client ' +
          'goes away, and is forgotten when the gateway ends.',
        body: fleetRunBodySchema,
        bodyBytes: BODY_BYTES,
        headers: ACTOR_HEADERS,
        answers: [
          {
            status: 202,
            is: 'The run, begun',
            schema: fleetRunSchema,
            headers: { Location: 'The address of the run.' },
          },
        ],
        errors: [...AWAY, 'robot-unknown', 'too-many-requests'],
      },
      ({ body }, request, reply) => {
        const run = fleet.run(body, fleetCaller(request, body.reason));
        return reply.code(202).header('location', `/api/fleet/runs/${run.id}`).send(run);
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/fleet/runs',
        id: 'listFleetRuns',
        tag: 'fleet',
        summary: 'The last 20 runs of this run of the gateway, newest first',
        answers: [{ status: 200, is: 'The runs', schema: fleetRunListSchema }],
        errors: ['fleet-off'],
      },
      () => ({ runs: fleet.runs() }),
    ),
    route(
      {
        method: 'GET',
        path: '/api/fleet/runs/:id',
        id: 'getFleetRun',
        tag: 'fleet',
        summary: 'One run, as it stands',
        params: fleetRunParamsSchema,
        answers: [{ status: 200, is: 'The run', schema: fleetRunSchema }],
        errors: ['fleet-off', 'not-found'],
      },
      ({ params: { id } }) => {
        const run = fleet.runs().find((one) => one.id === id);
        if (run !== undefined) return run;
        throw new RoviError('not-found', `there is no run "${id}"`, {
          mend: 'The last 20 of this run of the gateway are kept: see GET /api/fleet/runs.',
        });
      },
    ),
  ];
}

function fleetCaller(request: FastifyRequest, reason: string): FleetCaller {
  return { ...requestOf(request, reason), role: callerOf(request)?.role ?? 'viewer' };
}
