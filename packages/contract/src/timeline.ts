import { z } from 'zod';
import { operationSchema } from './operation.js';
import { exitCauseSchema, stackStateSchema, timestampSchema, verdictLevelSchema } from './state.js';

/** A change of a unit's state, as systemd told it. */
export const transitionSchema = z.object({
  /** Sequence number of the event it came with. */
  seq: z.int(),
  at: timestampSchema,
  /** The stack's name, or `gateway`. */
  name: z.string(),
  unit: z.string(),
  from: stackStateSchema,
  to: stackStateSchema,
  level: verdictLevelSchema,
  text: z.string(),
  invocation_id: z.string().nullable(),
  /** Why, where it ended by failing. */
  failure: exitCauseSchema.nullable(),
  /** The operation that was under way for it; null where nobody commanded this. */
  operation: z.string().nullable(),
});
export type Transition = z.output<typeof transitionSchema>;

/** Answer of `GET /api/timeline`: what happened in this run of the gateway, both newest first. */
export const timelineSchema = z.object({
  boot_id: z.string(),
  /** When this run of the gateway began to look. */
  since: timestampSchema,
  at: timestampSchema,
  transitions: z.array(transitionSchema),
  operations: z.array(operationSchema),
});
export type Timeline = z.output<typeof timelineSchema>;
