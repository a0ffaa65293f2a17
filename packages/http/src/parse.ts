import { HEADERS, RoviError, actorFaceSchema, actorNameSchema } from '@rovi/contract';
import type { Actor } from '@rovi/contract';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { callerOf } from './access/caller.js';

/** The value as the schema reads it; else throws `bad-request` that names each field at fault. */
export function parse<Output>(schema: z.ZodType<Output>, value: unknown, where: string): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, 10).map((issue) => ({
    field: [where, ...issue.path.map(String)].join('.').slice(0, 100),
    expected: issue.message.slice(0, 300),
  }));
  throw new RoviError(
    'bad-request',
    issues.map(({ field, expected }) => `${field}: ${expected}`).join('; '),
    {
      mend: 'Correct what the message names; docs/api.md lists what each request takes.',
      context: { issues },
    },
  );
}

/** A request header that a route reads. */
export interface RequestHeader {
  readonly schema: z.ZodType;
  /** What it says, as a phrase. */
  readonly is: string;
}

/** The headers that {@link parseActor} reads. */
export const ACTOR_HEADERS: Readonly<Record<string, RequestHeader>> = {
  'X-Rovi-Actor': {
    schema: actorNameSchema,
    is: 'Who commands, for the record; over TCP it is who was let in. Absent: `unknown`.',
  },
  'X-Rovi-Face': { schema: actorFaceSchema, is: 'Through which face. Absent: `http`.' },
};

/** The headers that every command reads: {@link parseActor} and {@link prefersAsync}. */
export const COMMAND_HEADERS: Readonly<Record<string, RequestHeader>> = {
  ...ACTOR_HEADERS,
  Prefer: {
    schema: z.string(),
    is: '`respond-async`: answer 202 at once and do not wait for the end (RFC 7240). Other preferences are ignored.',
  },
};

/**
 * Who commands. Over TCP that is who was let in. Nothing on a Unix socket proves it to Node: there it is what the
 * headers say, and never `verified`.
 */
export function parseActor(request: FastifyRequest): Actor {
  const said = request.headers[HEADERS.actor];
  const face = request.headers[HEADERS.face];
  const known = callerOf(request)?.name ?? null;
  const name = said === undefined ? 'unknown' : parse(actorNameSchema, said, 'header X-Rovi-Actor');
  return {
    name: known ?? name,
    face: face === undefined ? 'http' : parse(actorFaceSchema, face, 'header X-Rovi-Face'),
    verified: known !== null,
  };
}

/** Whether the client asked not to wait for the end (RFC 7240); preferences we do not know are ignored, as it demands. */
export function prefersAsync(request: FastifyRequest): boolean {
  const prefer = request.headers['prefer'];
  const words = (Array.isArray(prefer) ? prefer.join(',') : (prefer ?? '')).split(/[,;]/);
  return words.some((word) => word.trim().toLowerCase() === 'respond-async');
}
