import { z } from 'zod';
import { logEntrySchema } from './events.js';
import { busStatusSchema, stackStatusSchema } from './state.js';

/** Answer of `GET /api/health`. */
export const healthSchema = z.object({
  version: z.string(),
  boot_id: z.string(),
  bus: busStatusSchema,
  /** Seconds since this process began to serve. */
  uptime_seconds: z.number(),
  pid: z.int(),
});
export type Health = z.output<typeof healthSchema>;

/** Answer of `GET /api/stacks`, in the catalog's order. */
export const stackListSchema = z.object({ stacks: z.array(stackStatusSchema) });

/** Answer of `GET /api/active`. `active` of null means "none" only where `known` is true. */
export const activeSchema = z.object({
  active: z.string().nullable(),
  known: z.boolean(),
  /** The status of the active stack: since when it runs, with which PID. */
  stack: stackStatusSchema.nullable(),
});
export type Active = z.output<typeof activeSchema>;

/** Answer of `GET /api/stacks/{name}/logs`, oldest first. */
export const logListSchema = z.object({ entries: z.array(logEntrySchema) });

/**
 * Every error answer: RFC 9457 `application/problem+json` with Rovi's own members. `detail` is the problem's message.
 * The code is any word here: a client must be able to read the refusal of a newer gateway.
 */
export const problemDetailsSchema = z.object({
  type: z.string().default('about:blank'),
  title: z.string().default(''),
  status: z.int().optional(),
  /** The path asked for, or that of the operation that failed. */
  instance: z.string().optional(),
  detail: z.string(),
  code: z.string(),
  mend: z.string().default(''),
  context: z.record(z.string(), z.unknown()).default({}),
});
export type ProblemDetails = z.output<typeof problemDetailsSchema>;

/** Request headers of the API, in Node's lower-case spelling. */
export const HEADERS = {
  /** Who commands: what the client says of itself. */
  actor: 'x-rovi-actor',
  /** Through which face: `cli`, `http` or `web`. */
  face: 'x-rovi-face',
} as const;

/** The value of the actor header. */
export const actorNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_.@+:-]{1,64}$/, 'expected 1 to 64 letters, digits or _ . @ + : -');

/** The value of the face header. */
export const actorFaceSchema = z.enum(['cli', 'http', 'web']);
