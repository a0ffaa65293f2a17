import process from 'node:process';
import {
  RoviError,
  activeSchema,
  healthSchema,
  snapshotSchema,
  stackDetailSchema,
  stackListSchema,
  stackParamsSchema,
} from '@rovi/contract';
import type { Active, Health, Snapshot, StackStatus } from '@rovi/contract';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** The stack as the conductor sees it; throws `stack-unknown`. */
export function stackOf(snapshot: Snapshot, name: string): StackStatus {
  const stack = snapshot.stacks.find((one) => one.name === name);
  if (stack !== undefined) return stack;
  throw new RoviError('stack-unknown', `there is no stack "${name}" in the catalog`, {
    mend: `The catalog's stacks are: ${snapshot.stacks.map((one) => one.name).join(', ')}.`,
  });
}

/** What can be read of the robot. */
export function stateRoutes({ conductor, version, startedAt }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/health',
        id: 'getHealth',
        tag: 'gateway',
        summary: 'The gateway itself: version, run, connection to systemd, uptime, PID',
        answers: [{ status: 200, is: 'The gateway answers', schema: healthSchema }],
      },
      (): Health => {
        const { boot_id, bus } = conductor.snapshot();
        const uptime_seconds = Math.round(performance.now() - startedAt) / 1000;
        return { version, boot_id, bus, uptime_seconds, pid: process.pid };
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/state',
        id: 'getState',
        tag: 'robot',
        summary: 'Everything at one moment',
        answers: [{ status: 200, is: 'The snapshot', schema: snapshotSchema }],
      },
      () => conductor.snapshot(),
    ),
    route(
      {
        method: 'GET',
        path: '/api/stacks',
        id: 'listStacks',
        tag: 'robot',
        summary: "All stacks, in the catalog's order",
        answers: [{ status: 200, is: 'The stacks', schema: stackListSchema }],
      },
      () => ({ stacks: conductor.snapshot().stacks }),
    ),
    route(
      {
        method: 'GET',
        path: '/api/stacks/:name',
        id: 'getStack',
        tag: 'robot',
        summary: 'One stack, with the CPU and memory it uses',
        params: stackParamsSchema,
        answers: [{ status: 200, is: 'The stack', schema: stackDetailSchema }],
        errors: ['stack-unknown', 'bus-unavailable', 'bus-timeout'],
      },
      ({ params }) => conductor.detail(params.name),
    ),
    route(
      {
        method: 'GET',
        path: '/api/active',
        id: 'getActive',
        tag: 'robot',
        summary: 'The stack that holds the robot',
        details: '`active` of null means "none" only where `known` is true.',
        answers: [{ status: 200, is: 'The stack, or null', schema: activeSchema }],
      },
      (): Active => {
        const snapshot = conductor.snapshot();
        const { active, known } = snapshot;
        return { active, known, stack: active === null ? null : stackOf(snapshot, active) };
      },
    ),
  ];
}
