import type { Request } from '@rovi/conductor';
import type { FastifyRequest } from 'fastify';
import { originOf } from './access/caller.js';
import { parseActor } from './parse.js';

/** Who changes something that is no operation, and why. Throws `bad-request` for headers that name nobody. */
export function requestOf(request: FastifyRequest, reason: string): Request {
  return { actor: parseActor(request), origin: originOf(request), reason };
}
