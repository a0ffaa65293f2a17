import { commandBodySchema, stackParamsSchema } from '@rovi/contract';
import type { Operation, OperationKind } from '@rovi/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpFault } from '../fault.js';
import { parse, parseActor, prefersAsync } from '../parse.js';
import type { Route, RouteContext } from '../route.js';
import { statusOf } from '../status.js';

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

/**
 * The commands. An operation belongs to the robot and not to the connection that asked for it: a client that goes away
 * does not end it.
 */
export function commandRoutes({ conductor }: RouteContext): Route[] {
  const run = async (
    kind: OperationKind,
    stack: string | null,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<unknown> => {
    const actor = parseActor(request);
    const { reason } = parse(commandBodySchema, request.body ?? undefined, 'body');
    const { operation, finished } = conductor.command({
      kind,
      actor,
      reason,
      ...(stack === null ? {} : { stack }),
    });
    if (!prefersAsync(request)) return answerOf(await finished);
    return reply
      .code(202)
      .headers({ location: `/api/operations/${operation.id}`, 'preference-applied': 'respond-async' })
      .send(operation);
  };
  const onStack = (verb: 'start' | 'stop' | 'restart' | 'switch'): Route => ({
    method: 'POST',
    path: `/api/stacks/:name/${verb}`,
    handle: (request, reply) =>
      run(verb, parse(stackParamsSchema, request.params, 'path').name, request, reply),
  });
  return [
    onStack('start'),
    onStack('stop'),
    onStack('restart'),
    onStack('switch'),
    {
      method: 'POST',
      path: '/api/stop-all',
      handle: (request, reply) => run('stop-all', null, request, reply),
    },
  ];
}
