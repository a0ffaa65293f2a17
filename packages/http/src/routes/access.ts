import { sessionSchema, tokenListSchema } from '@rovi/contract';
import type { Session, TokenInfo } from '@rovi/contract';
import { SOCKET_CALLER, callerOf } from '../access/caller.js';
import { parseActor } from '../parse.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';

/** Who asks, and who else may. */
export function accessRoutes({ conductor, tokens, version }: RouteContext): Route[] {
  return [
    route(
      {
        method: 'GET',
        path: '/api/session',
        id: 'getSession',
        tag: 'access',
        summary: 'Who asks, as the gateway sees it, and what that allows',
        answers: [{ status: 200, is: 'Who asks', schema: sessionSchema }],
      },
      (_input, request): Session => {
        const { role, via, expiresAt } = callerOf(request) ?? SOCKET_CALLER;
        const { name, verified } = parseActor(request);
        const { robot } = conductor.snapshot();
        return { role, via, name, verified, expires_at: expiresAt, robot, version };
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/tokens',
        id: 'listTokens',
        tag: 'access',
        role: 'admin',
        summary: 'The tokens that are good now, without their secrets',
        details: 'They are made and revoked on the robot, by root: `rovictl token`.',
        answers: [{ status: 200, is: 'The tokens', schema: tokenListSchema }],
        errors: ['tokens-unreadable'],
      },
      async (): Promise<{ tokens: TokenInfo[] }> => {
        await tokens.refresh();
        if (tokens.fault !== null) throw tokens.fault;
        return { tokens: tokens.list() };
      },
    ),
  ];
}
