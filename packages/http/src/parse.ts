import { HEADERS, RoviError, actorFaceSchema, actorNameSchema } from '@rovi/contract';
import type { Actor } from '@rovi/contract';
import type { FastifyRequest } from 'fastify';

/** The little of zod that is needed here; any schema of the contract fits. */
export interface Schema<Output> {
  safeParse(value: unknown):
    | { readonly success: true; readonly data: Output }
    | {
        readonly success: false;
        readonly error: {
          readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
        };
      };
}

/** The value as the schema reads it; else throws `bad-request` that names each field at fault. */
export function parse<Output>(schema: Schema<Output>, value: unknown, where: string): Output {
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

/** Who commands, as the headers say. Nothing on a Unix socket proves it to Node, so it is never `verified`. */
export function parseActor(request: FastifyRequest): Actor {
  const name = request.headers[HEADERS.actor];
  const face = request.headers[HEADERS.face];
  return {
    name: name === undefined ? 'unknown' : parse(actorNameSchema, name, 'header X-Rovi-Actor'),
    face: face === undefined ? 'http' : parse(actorFaceSchema, face, 'header X-Rovi-Face'),
    verified: false,
  };
}

/** Whether the client asked not to wait for the end (RFC 7240); preferences we do not know are ignored, as it demands. */
export function prefersAsync(request: FastifyRequest): boolean {
  const prefer = request.headers['prefer'];
  const words = (Array.isArray(prefer) ? prefer.join(',') : (prefer ?? '')).split(/[,;]/);
  return words.some((word) => word.trim().toLowerCase() === 'respond-async');
}
