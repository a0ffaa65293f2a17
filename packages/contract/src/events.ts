import { z } from 'zod';
import { faceStatusSchema } from './faces.js';
import { operationSchema } from './operation.js';
import { busStatusSchema, stackStatusSchema, timestampSchema, unitStatusSchema } from './state.js';

/** The whole truth at one moment; `seq` is that of the last event it contains. */
export const snapshotSchema = z.object({
  robot: z.string(),
  /** Identifies this run of the conductor: sequence numbers of different runs are not comparable. */
  boot_id: z.string(),
  seq: z.int(),
  at: timestampSchema,
  version: z.string(),
  bus: busStatusSchema,
  gateway: unitStatusSchema.nullable(),
  /** The stack that holds the robot: any that is not provably at rest. Null when none does, or when it is not known. */
  active: z.string().nullable(),
  /** True only while systemd is reachable: an `active` of null then really means "none". */
  known: z.boolean(),
  stacks: z.array(stackStatusSchema),
  operation: operationSchema.nullable(),
  /** The faces that can be off or away without the conductor; empty from a gateway that knows of none. */
  faces: z.array(faceStatusSchema).default([]),
});
export type Snapshot = z.output<typeof snapshotSchema>;

/** What a face hears. Every event but the first `snapshot` has the sequence number after its predecessor's. */
export const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), seq: z.int(), at: timestampSchema, snapshot: snapshotSchema }),
  z.object({ type: z.literal('stack'), seq: z.int(), at: timestampSchema, stack: stackStatusSchema }),
  z.object({ type: z.literal('gateway'), seq: z.int(), at: timestampSchema, gateway: unitStatusSchema }),
  z.object({ type: z.literal('operation'), seq: z.int(), at: timestampSchema, operation: operationSchema }),
  z.object({ type: z.literal('bus'), seq: z.int(), at: timestampSchema, bus: busStatusSchema }),
  z.object({ type: z.literal('face'), seq: z.int(), at: timestampSchema, face: faceStatusSchema }),
]);
export type RoviEvent = z.output<typeof eventSchema>;

/** A journal line of one unit. */
export const logEntrySchema = z.object({
  cursor: z.string(),
  at: timestampSchema,
  unit: z.string(),
  invocation_id: z.string().nullable(),
  pid: z.int().nullable(),
  /** syslog priority, 0 (emerg) to 7 (debug). */
  priority: z.int().min(0).max(7),
  identifier: z.string().nullable(),
  /** stdout and stderr of the unit, or what systemd said about it. */
  transport: z.string(),
  message: z.string(),
});
export type LogEntry = z.output<typeof logEntrySchema>;
