import { z } from 'zod';
import { incidentSchema } from './incident.js';
import { operationSchema } from './operation.js';
import { exitCauseSchema, stackStateSchema, timestampSchema, verdictLevelSchema } from './state.js';

/** A change of a unit's state, as systemd told it. */
export const transitionSchema = z.object({
  /** Sequence number of the event it came with. */
  seq: z.int(),
  at: timestampSchema,
  /** The stack's or service's name, or `gateway`; an instance of several as `name@2`. */
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

/** What happened to a service, with the event that told of it. */
export const toldIncidentSchema = z.object({ seq: z.int(), at: timestampSchema, incident: incidentSchema });
export type ToldIncident = z.output<typeof toldIncidentSchema>;

/** Answer of `GET /api/timeline`: what happened in this run of the gateway, each newest first. */
export const timelineSchema = z.object({
  boot_id: z.string(),
  /** When this run of the gateway began to look. */
  since: timestampSchema,
  at: timestampSchema,
  transitions: z.array(transitionSchema),
  operations: z.array(operationSchema),
  /** Empty from a gateway that keeps none. */
  incidents: z.array(toldIncidentSchema).default([]),
});
export type Timeline = z.output<typeof timelineSchema>;
