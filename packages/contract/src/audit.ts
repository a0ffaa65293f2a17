import { z } from 'zod';
import { errorCodeSchema } from './errors.js';
import { actorSchema, operationOutcomeSchema } from './operation.js';
import { accessViaSchema, roleSchema } from './access.js';
import { timestampSchema } from './state.js';

/** The message of a log line of the gateway that holds an entry in its field `audit`. */
export const AUDIT_MESSAGE = 'audit';

/** Where a command came from. */
export const originSchema = z.object({
  /** `unix`: the local socket. `tcp`: an address. `ros`: a service call. `mqtt`: the fleet's broker. `none`: the conductor itself. */
  transport: z.enum(['unix', 'tcp', 'ros', 'mqtt', 'none']),
  /** The peer's address and port as `127.0.0.1:40312`; over MQTT the name of the key that signed; null where there is none. */
  peer: z.string().nullable(),
  /** How it was let in, over MQTT by the `signature` of a key that the catalog has; null where it was not. */
  via: accessViaSchema.or(z.literal('signature')).nullable(),
  role: roleSchema.nullable(),
});
export type Origin = z.output<typeof originSchema>;

/**
 * One line of the audit. Each command has one when it is accepted or refused, and an accepted one has a second with
 * its outcome when it ends: a gateway that is killed in between leaves the first.
 */
export const auditEntrySchema = z.object({
  at: timestampSchema,
  /** `accepted`, `refused`, or how an accepted one ended. */
  decision: z.enum(['accepted', 'refused', 'ended']),
  /** What was asked for: `start`, `stop`, `stop-all`, `restart`, `switch`, `ros-restart`, `token-rejected`, `scale`, `maintain`, `recover`, … */
  command: z.string(),
  /** What it was asked of: a stack's or service's name; null where it concerns all or none. */
  target: z.string().nullable(),
  actor: actorSchema,
  origin: originSchema,
  reason: z.string(),
  /** The operation it became; null where it was refused. */
  operation: z.string().nullable(),
  outcome: operationOutcomeSchema.nullable(),
  /** The code it was refused or failed with. */
  code: errorCodeSchema.nullable(),
  message: z.string(),
});
export type AuditEntry = z.output<typeof auditEntrySchema>;

/** Answer of `GET /api/audit`: oldest first. */
export const auditListSchema = z.object({ entries: z.array(auditEntrySchema) });

/** Query of `/api/audit`. */
export const auditQuerySchema = z.strictObject({
  lines: z.coerce.number().int().min(1).max(10_000).default(100).describe('The last so many entries.'),
});
