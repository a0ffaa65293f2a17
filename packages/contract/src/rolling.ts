import { z } from 'zod';
import { problemSchema } from './errors.js';
import { unitBaseName } from './names.js';
import { timestampSchema } from './state.js';

/** How far it has come at one host. */
export const rollingHostSchema = z.strictObject({
  name: z.string(),
  /** As the inventory had it; null of this machine. */
  address: z.string().nullable(),
  /** ssh: the socket there, where it is not the usual one. */
  socket: z.string().nullable(),
  state: z.enum(['waiting', 'begun', 'done', 'failed']),
  /** When that was written. */
  since: timestampSchema,
  /** Why it failed. */
  problem: problemSchema.nullable(),
});
export type RollingHost = z.output<typeof rollingHostSchema>;

/** A restart that goes from host to host, as `rovictl` keeps it in a file while it is not through: `~/.local/state/rovi/rolling/ID.json`. */
export const rollingSchema = z.strictObject({
  version: z.literal(1),
  id: z.string().regex(/^roll-\d{8}-[0-9a-f]{6}$/),
  /** What is restarted on each. */
  kind: z.enum(['service', 'stack']),
  name: unitBaseName,
  reason: z.string(),
  begun_at: timestampSchema,
  /** The program that is at it, by what no other one ever is. */
  runner: z.strictObject({ boot: z.string(), pid: z.int(), started: z.string() }),
  hosts: z.array(rollingHostSchema).min(1),
});
export type Rolling = z.output<typeof rollingSchema>;
