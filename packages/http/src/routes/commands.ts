import type { Command } from '@rovi/conductor';
import { commandBodySchema, operationSchema, stackParamsSchema } from '@rovi/contract';
import type { CommandBody, ErrorCode, Operation } from '@rovi/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { originOf } from '../access/caller.js';
import { HttpFault } from '../fault.js';
import { COMMAND_HEADERS, parseActor, prefersAsync } from '../parse.js';
import { route } from '../route.js';
import type { Answer, Route, RouteContext } from '../route.js';
import { statusOf } from '../status.js';

/** What any transition can end with. */
const TRANSITION: readonly ErrorCode[] = [
  'not-authorized',
  'authorization-required',
  'polkit-unavailable',
  'bus-unavailable',
  'bus-timeout',
  'operation-cancelled',
  'unit-missing',
  'unit-masked',
];
const STOP: readonly ErrorCode[] = [...TRANSITION, 'situation-changed', 'stop-failed', 'stop-incomplete'];
const START: readonly ErrorCode[] = [
  ...TRANSITION,
  'situation-changed',
  'stack-busy',
  'operation-in-progress',
  'gateway-down',
  'start-failed',
  'start-skipped',
  'start-limit',
  'start-cancelled',
  'processes-missing',
  'lock-lost',
  'lock-unavailable',
  'in-maintenance',
];
/** What a command on a service can end with, whatever it is. */
const SERVICE: readonly ErrorCode[] = [
  ...TRANSITION,
  'service-unknown',
  'service-busy',
  'command-not-allowed',
  'situation-changed',
  'confirmation-required',
  'state-unwritable',
];
const SERVICE_START: readonly ErrorCode[] = [
  ...SERVICE,
  'in-maintenance',
  'service-conflict',
  'dependency-failed',
  'not-ready',
  'start-failed',
  'start-skipped',
  'start-limit',
  'start-cancelled',
];
const SERVICE_STOP: readonly ErrorCode[] = [...SERVICE, 'stop-failed', 'stop-incomplete'];

/** The commands on one stack. */
export const VERBS = {
  start: { summary: 'Start a stack, where none holds the robot', errors: START },
  stop: { summary: 'Stop a stack, whatever else is under way', errors: STOP },
  restart: { summary: 'Stop a stack and start it again', errors: [...START, ...STOP] },
  switch: {
    summary: 'Stop the stack that holds the robot and start this one; go back where it does not start',
    errors: [...START, ...STOP, 'switch-rolled-back', 'switch-failed'],
  },
} as const satisfies Record<string, { summary: string; errors: readonly ErrorCode[] }>;

/** The commands on one service, by its name; start, stop and restart are also those of a stack. */
export const SERVICE_VERBS = {
  start: { summary: 'Start a service, after what it needs; or a stack', errors: SERVICE_START },
  stop: { summary: 'Stop a service and what requires it; or a stack', errors: SERVICE_STOP },
  restart: {
    summary: 'Restart a service: with what needs it, or one instance after the other; or a stack',
    errors: [...SERVICE_START, ...SERVICE_STOP, 'scale-refused', 'rolling-stopped'],
  },
  scale: { errors: [...SERVICE_START, ...SERVICE_STOP, 'scale-refused'] },
} as const satisfies Record<string, { summary?: string; errors: readonly ErrorCode[] }>;

/** What every command says of itself. */
export const COMMAND_DETAILS =
  'Answers when the operation has ended, with its record, or where it failed or was cancelled with a problem that has ' +
  'the record in `context.operation`. With `confirm` it is refused where it would by now hit anything else than `/api/impact` ' +
  'said. The operation belongs to the robot: a client that goes away does not end it.';

/** How every command answers where it ends well, or is not waited for. */
export const COMMAND_ANSWERS: readonly Answer[] = [
  { status: 200, is: 'The operation, ended well', schema: operationSchema },
  {
    status: 202,
    is: 'With `Prefer: respond-async`: the operation as it begins',
    schema: operationSchema,
    headers: {
      Location: 'The address of the operation.',
      'Preference-Applied': '`respond-async`',
    },
  },
];

/** The ended operation as an answer: itself where it succeeded, else the problem it ended with. */
function answerOf(operation: Operation): Operation {
  if (operation.outcome === 'succeeded') return operation;
  const { code, message, mend, context } = operation.problem ?? {
    code: 'internal' as const,
    message: operation.message,
    mend: '',
    context: {},
  };
  throw new HttpFault(statusOf(code), code, message, {
    mend,
    context: { ...context, operation },
    instance: `/api/operations/${operation.id}`,
  });
}

type CommandRunner = (
  target: Pick<Command, 'kind' | 'stack' | 'service' | 'cascade' | 'instances'>,
  body: CommandBody,
  request: FastifyRequest,
  reply: FastifyReply,
) => Promise<unknown>;

/** What every route of a command does: sends it to the conductor and answers with its end, or at once where that is preferred. */
export function commandRunner({ conductor }: Pick<RouteContext, 'conductor'>): CommandRunner {
  return async (target, { reason, confirm }, request, reply) => {
    const { operation, finished } = conductor.command({
      ...target,
      reason,
      actor: parseActor(request),
      origin: originOf(request),
      ...(confirm === undefined ? {} : { confirm }),
    });
    if (!prefersAsync(request)) return answerOf(await finished);
    return reply
      .code(202)
      .headers({ location: `/api/operations/${operation.id}`, 'preference-applied': 'respond-async' })
      .send(operation);
  };
}

/**
 * The commands. An operation belongs to the robot and not to the connection that asked for it: a client that goes away
 * does not end it.
 */
export function commandRoutes(context: RouteContext): Route[] {
  const run = commandRunner(context);
  const all = {
    method: 'POST',
    tag: 'commands',
    details: COMMAND_DETAILS,
    body: commandBodySchema,
    headers: COMMAND_HEADERS,
    answers: COMMAND_ANSWERS,
  } as const;
  const onStack = (kind: keyof typeof VERBS): Route =>
    route(
      {
        ...all,
        path: `/api/stacks/:name/${kind}`,
        id: `${kind}Stack`,
        command: kind,
        summary: VERBS[kind].summary,
        params: stackParamsSchema,
        errors: ['stack-unknown', ...VERBS[kind].errors],
      },
      ({ params, body }, request, reply) => run({ kind, stack: params.name }, body, request, reply),
    );
  return [
    onStack('start'),
    onStack('stop'),
    onStack('restart'),
    onStack('switch'),
    route(
      {
        ...all,
        path: '/api/stop-all',
        id: 'stopAll',
        command: 'stop-all',
        summary: 'Stop every stack',
        errors: STOP,
      },
      ({ body }, request, reply) => run({ kind: 'stop-all' }, body, request, reply),
    ),
  ];
}
