import process from 'node:process';
import { RoviError, stackParamsSchema } from '@rovi/contract';
import type { Active, Health, Snapshot, StackStatus } from '@rovi/contract';
import { parse } from '../parse.js';
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
    {
      method: 'GET',
      path: '/api/health',
      handle: (): Health => {
        const { boot_id, bus } = conductor.snapshot();
        const uptime_seconds = Math.round(performance.now() - startedAt) / 1000;
        return { version, boot_id, bus, uptime_seconds, pid: process.pid };
      },
    },
    { method: 'GET', path: '/api/state', handle: () => conductor.snapshot() },
    { method: 'GET', path: '/api/stacks', handle: () => ({ stacks: conductor.snapshot().stacks }) },
    {
      method: 'GET',
      path: '/api/stacks/:name',
      handle: (request) => conductor.detail(parse(stackParamsSchema, request.params, 'path').name),
    },
    {
      method: 'GET',
      path: '/api/active',
      handle: (): Active => {
        const snapshot = conductor.snapshot();
        const { active, known } = snapshot;
        return { active, known, stack: active === null ? null : stackOf(snapshot, active) };
      },
    },
  ];
}
