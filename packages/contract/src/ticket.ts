import { z } from 'zod';
import { errorCodeSchema } from './errors.js';
import { actorSchema } from './operation.js';
import { timestampSchema } from './state.js';

/** How far a ticket is. `pending`: stored, nobody has asked for its execution; `queued`: it waits for its turn. */
export const ticketStatuses = ['pending', 'queued', 'executing', 'completed', 'failed', 'cancelled'] as const;
export const ticketStatusSchema = z.enum(ticketStatuses);
export type TicketStatus = z.output<typeof ticketStatusSchema>;

/** Lowest first. */
export const ticketPriorities = ['low', 'normal', 'high', 'critical'] as const;
export const ticketPrioritySchema = z.enum(ticketPriorities);
export type TicketPriority = z.output<typeof ticketPrioritySchema>;

/** `tick-YYYYMMDD-xxxxxxxx`: the day of creation (UTC), eight hexadecimal digits. */
export const ticketIdSchema = z
  .string()
  .regex(/^tick-\d{8}-[0-9a-f]{8}$/, 'expected a ticket id such as "tick-20251108-a3f7e9c0"');

/** What a ticket is, and what has become of it. */
export const ticketSchema = z.object({
  id: ticketIdSchema,
  /** A name of the registry: `drive`, `stop`, `scan`, `stack.start`, … */
  command: z.string(),
  /** As the command's own schema has them, defaults filled in. */
  params: z.record(z.string(), z.unknown()),
  priority: ticketPrioritySchema,
  status: ticketStatusSchema,
  /** Seconds that one attempt may take, by the monotonic clock. */
  timeout_seconds: z.number(),
  /** The caller's own words: kept, never read. */
  metadata: z.record(z.string(), z.unknown()),
  created_at: timestampSchema,
  updated_at: timestampSchema,
  /** When the last attempt began; null before the first. */
  started_at: timestampSchema.nullable(),
  /** When it came to its end, whatever that was; null before. */
  completed_at: timestampSchema.nullable(),
  /** What the command answered with; null unless it completed. A cancelled or failed motion says here how far it came. */
  result: z.record(z.string(), z.unknown()).nullable(),
  /** Why it failed or was cancelled, in one sentence. */
  error: z.string().nullable(),
  /** The same for machines. */
  error_code: errorCodeSchema.nullable(),
  /** True: the simulator does it, and nothing moves. */
  dry_run: z.boolean(),
  /** Who created it. */
  actor: actorSchema,
  /** How often its execution began. */
  attempts: z.int(),
});
export type Ticket = z.output<typeof ticketSchema>;

/** One step of a ticket's life. */
export const ticketTransitionSchema = z.object({
  at: timestampSchema,
  /** Null for its creation. */
  from: ticketStatusSchema.nullable(),
  to: ticketStatusSchema,
  actor: actorSchema,
  /** Why, in one sentence; empty where the step says it. */
  reason: z.string(),
});
export type TicketTransition = z.output<typeof ticketTransitionSchema>;

/** One execution of a ticket. A forced one more is a second attempt: the first stays as it was. */
export const ticketAttemptSchema = z.object({
  /** 1, 2, … */
  number: z.int(),
  started_at: timestampSchema,
  /** Null while it goes on. */
  ended_at: timestampSchema.nullable(),
  /** `executing` while it goes on. */
  status: ticketStatusSchema,
  result: z.record(z.string(), z.unknown()).nullable(),
  error: z.string().nullable(),
  error_code: errorCodeSchema.nullable(),
  /** Milliseconds on the monotonic clock; null while it goes on, or where the gateway did not live to see its end. */
  execution_time_ms: z.number().nullable(),
});
export type TicketAttempt = z.output<typeof ticketAttemptSchema>;

/** Answer of `GET /ticket/{id}`: the ticket with all that has happened to it, oldest first. */
export const ticketDetailSchema = ticketSchema.extend({
  transitions: z.array(ticketTransitionSchema),
  attempt_list: z.array(ticketAttemptSchema),
});
export type TicketDetail = z.output<typeof ticketDetailSchema>;

/** Whether nothing in it lies deeper; without recursion, which a body of 16 kB could drive out of the stack. */
function isNestedWithin(value: unknown, depth: number): boolean {
  let level: unknown[] = [value];
  for (let deep = 0; deep <= depth; deep += 1) {
    level = level.flatMap((one): unknown[] =>
      typeof one === 'object' && one !== null ? Object.values(one) : [],
    );
    if (level.length === 0) return true;
  }
  return false;
}

/** Body of `POST /ticket`. */
export const ticketBodySchema = z.strictObject({
  command: z.string().min(1).max(60).describe('A command of the registry, for example `drive`.'),
  params: z.record(z.string().max(60), z.unknown()).default({}).describe('Parameters of that command.'),
  priority: ticketPrioritySchema.default('normal'),
  timeout_seconds: z
    .number()
    .positive()
    .max(86_400)
    .optional()
    .describe('Seconds one attempt may take; without it, what the command needs.'),
  metadata: z
    .record(z.string().max(100), z.unknown())
    .default({})
    .refine((value) => isNestedWithin(value, 20) && JSON.stringify(value).length <= 8192, {
      message: 'expected at most 8192 characters of JSON, nested at most 20 deep',
    })
    .describe('Your own words about it: kept, never read.'),
  dry_run: z
    .boolean()
    .optional()
    .describe('True: the simulator does it, as it does everything where the catalog says `dry_run`.'),
});
export type TicketBody = z.output<typeof ticketBodySchema>;

/** Body of `POST /execute`. */
export const executeBodySchema = z.strictObject({
  ticket_id: ticketIdSchema,
  force: z.boolean().default(false).describe('True: run a failed ticket once more; both attempts are kept.'),
});
export type ExecuteBody = z.output<typeof executeBodySchema>;

/** Answer of `POST /execute`: what came of it, or with `Prefer: respond-async` that it is queued. */
export const executionSchema = z.object({
  ticket_id: ticketIdSchema,
  status: ticketStatusSchema,
  result: z.record(z.string(), z.unknown()).nullable(),
  error: z.string().nullable(),
  error_code: errorCodeSchema.nullable(),
  /** Milliseconds on the monotonic clock; null before the end. */
  execution_time_ms: z.number().nullable(),
  message: z.string(),
});
export type Execution = z.output<typeof executionSchema>;

/** Body of `POST /ticket/{id}/cancel`. */
export const ticketCancelSchema = z
  .strictObject({ reason: z.string().max(500).default('').describe('Why; kept with the transition.') })
  .default({ reason: '' });

/** Query of `GET /tickets`. */
export const ticketQuerySchema = z.strictObject({
  status: ticketStatusSchema.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  offset: z.coerce.number().int().min(0).max(100_000_000).default(0),
});
export type TicketQuery = z.output<typeof ticketQuerySchema>;

/** Query of `GET /tickets/export`. */
export const ticketExportQuerySchema = z.strictObject({ status: ticketStatusSchema.optional() });
export type TicketExportQuery = z.output<typeof ticketExportQuerySchema>;

/** Answer of `GET /tickets`: newest first. */
export const ticketListSchema = z.object({
  tickets: z.array(ticketSchema),
  /** Of all that the query matches. */
  total: z.int(),
  limit: z.int(),
  offset: z.int(),
});
export type TicketList = z.output<typeof ticketListSchema>;

/** How many tickets there are. */
export const ticketCountsSchema = z.object({
  total: z.int(),
  pending: z.int(),
  queued: z.int(),
  executing: z.int(),
  completed: z.int(),
  failed: z.int(),
  cancelled: z.int(),
});
export type TicketCounts = z.output<typeof ticketCountsSchema>;

/** The software e-stop of tickets. It is no safety function: it ends what tickets move, and nothing else. */
export const estopSchema = z.object({
  active: z.boolean(),
  /** Since when it is so; null where it was never touched. */
  since: timestampSchema.nullable(),
  /** Who; null where it was never touched. */
  actor: actorSchema.nullable(),
  reason: z.string(),
  /** False: it could not be written down, so a restart would forget it. */
  stored: z.boolean(),
});
export type Estop = z.output<typeof estopSchema>;

/** Body of `POST /estop` and `POST /estop/reset`. */
export const estopBodySchema = z
  .strictObject({ reason: z.string().max(500).default('').describe('Why, for all who look at the robot.') })
  .default({ reason: '' });

/** How many of those that wait are told of with their turn. */
export const QUEUE_SHOWN = 12;

/** A ticket that waits for its turn. */
export const queuedTicketSchema = ticketSchema.pick({
  id: true,
  command: true,
  params: true,
  priority: true,
  dry_run: true,
});
export type QueuedTicket = z.output<typeof queuedTicketSchema>;

/** The tickets' part of a snapshot, and of every event about them. */
export const ticketDeskSchema = z.object({
  /** False: no ticket can be stored or executed now; `text` says why. */
  available: z.boolean(),
  /** One sentence. */
  text: z.string(),
  counts: ticketCountsSchema,
  estop: estopSchema,
  /** What executes now, oldest first. */
  executing: z.array(ticketSchema),
  /** What waits for its turn, the next first: the first 12 of as many as `counts` says. */
  queued: z.array(queuedTicketSchema),
});
export type TicketDeskStatus = z.output<typeof ticketDeskSchema>;

/** Answer of `GET /` for whoever does not ask for HTML. */
export const robotHealthSchema = z.object({
  service: z.literal('rovi'),
  version: z.string(),
  /** `degraded`: systemd cannot be reached, or tickets cannot be stored. */
  status: z.enum(['operational', 'degraded', 'estopped']),
  tickets: ticketCountsSchema,
});
export type RobotHealth = z.output<typeof robotHealthSchema>;

/** A command of the registry, as a client is told of it. */
export const ticketCommandSchema = z.object({
  name: z.string(),
  description: z.string(),
  /** True: it moves the robot, and only one such runs at a time. */
  motion: z.boolean(),
  /** JSON Schema of its params. */
  params: z.record(z.string(), z.unknown()),
});
export type TicketCommandInfo = z.output<typeof ticketCommandSchema>;

/** Answer of `GET /ticket-commands`. */
export const ticketCommandListSchema = z.object({ commands: z.array(ticketCommandSchema) });

/** One metric of `GET /telemetry/metrics`. */
export const telemetryMetricSchema = z.discriminatedUnion('type', [
  z.object({ name: z.string(), type: z.literal('counter'), value: z.number() }),
  z.object({ name: z.string(), type: z.literal('gauge'), value: z.number() }),
  z.object({
    name: z.string(),
    type: z.literal('histogram'),
    count: z.int(),
    sum: z.number(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    /** Cumulative, by upper bound; the last bound, infinity, is null. */
    buckets: z.array(z.object({ le: z.number().nullable(), count: z.int() })),
  }),
]);
export type TelemetryMetric = z.output<typeof telemetryMetricSchema>;

/** Answer of `GET /telemetry/metrics`: of this run of the gateway. */
export const telemetryMetricsSchema = z.object({
  since: timestampSchema,
  metrics: z.array(telemetryMetricSchema),
});
export type TelemetryMetrics = z.output<typeof telemetryMetricsSchema>;

export const telemetryEventTypes = [
  'ticket_created',
  'execution_started',
  'execution_completed',
  'execution_failed',
  'execution_cancelled',
  'estop',
  'estop_reset',
  'service_started',
  'service_stopped',
] as const;

/** One event of `GET /telemetry/events`. */
export const telemetryEventSchema = z.object({
  event: z.enum(telemetryEventTypes),
  timestamp: timestampSchema,
  ticket_id: ticketIdSchema.nullable(),
  data: z.record(z.string(), z.unknown()),
});
export type TelemetryEvent = z.output<typeof telemetryEventSchema>;

/** Answer of `GET /telemetry/events`: the last 1,000 of this run, newest first. */
export const telemetryEventsSchema = z.object({ events: z.array(telemetryEventSchema) });
