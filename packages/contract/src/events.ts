import { z } from 'zod';
import { faceStatusSchema } from './faces.js';
import { incidentSchema } from './incident.js';
import { maintenanceSchema } from './maintenance.js';
import { operationSchema } from './operation.js';
import { busStatusSchema, stackStatusSchema, timestampSchema, unitStatusSchema } from './state.js';
import { externalServiceSchema, supervisedServiceSchema } from './supervised-service.js';
import { ticketDeskSchema, ticketSchema } from './ticket.js';

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
  /** By priority, then by name. */
  services: z.array(supervisedServiceSchema),
  /** Services that others run and tell of over MQTT. */
  external: z.array(externalServiceSchema),
  /** What is in maintenance, the robot first. */
  maintenance: z.array(maintenanceSchema),
  /** The command on stacks that is under way. */
  operation: operationSchema.nullable(),
  /** The commands on services that are under way, oldest first; empty from a gateway that does not tell. */
  service_operations: z.array(operationSchema).default([]),
  /** Tickets in short; null from a gateway without them. */
  tickets: ticketDeskSchema.nullable().default(null),
  /** The faces that can be off or away without the conductor; empty from a gateway that knows of none. */
  faces: z.array(faceStatusSchema).default([]),
});
export type Snapshot = z.output<typeof snapshotSchema>;

/** What a change of one unit, or of the connection, comes to for the whole robot: as in the snapshot of that moment. */
const holding = { active: z.string().nullable(), known: z.boolean() };

/** What a face hears. A `snapshot` comes first, and again where all may be different (a reloaded catalog). Every event but the first has the sequence number after its predecessor's. */
export const eventSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('snapshot'), seq: z.int(), at: timestampSchema, snapshot: snapshotSchema }),
  z.object({
    type: z.literal('stack'),
    seq: z.int(),
    at: timestampSchema,
    ...holding,
    stack: stackStatusSchema,
  }),
  z.object({
    type: z.literal('gateway'),
    seq: z.int(),
    at: timestampSchema,
    ...holding,
    gateway: unitStatusSchema,
  }),
  z.object({
    type: z.literal('service'),
    seq: z.int(),
    at: timestampSchema,
    service: supervisedServiceSchema,
  }),
  /** A ticket that is new or went on (null: the e-stop, or whether there are tickets), and how all are now. */
  z.object({
    type: z.literal('ticket'),
    seq: z.int(),
    at: timestampSchema,
    ticket: ticketSchema.nullable(),
    desk: ticketDeskSchema,
  }),
  z.object({ type: z.literal('incident'), seq: z.int(), at: timestampSchema, incident: incidentSchema }),
  /** All that is in maintenance now. */
  z.object({
    type: z.literal('maintenance'),
    seq: z.int(),
    at: timestampSchema,
    maintenance: z.array(maintenanceSchema),
  }),
  /** All external services now. */
  z.object({
    type: z.literal('external'),
    seq: z.int(),
    at: timestampSchema,
    external: z.array(externalServiceSchema),
  }),
  z.object({ type: z.literal('operation'), seq: z.int(), at: timestampSchema, operation: operationSchema }),
  z.object({ type: z.literal('bus'), seq: z.int(), at: timestampSchema, ...holding, bus: busStatusSchema }),
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
  /** Which of the program's outputs it was written to; null where they come as one (gateway, stacks) or systemd speaks. */
  stream: z.enum(['stdout', 'stderr']).nullable().default(null),
  message: z.string(),
});
export type LogEntry = z.output<typeof logEntrySchema>;
