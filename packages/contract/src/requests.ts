import { z } from 'zod';
import { unitBaseName } from './names.js';
import { operationSchema } from './operation.js';
import { resourcesSchema, stackStatusSchema } from './state.js';

/** Path parameter of `/api/stacks/{name}`. */
export const stackParamsSchema = z.object({
  name: unitBaseName.describe('The stack, as the catalog names it.'),
});

/** Path parameter of `/api/operations/{id}`. */
export const operationParamsSchema = z.object({ id: z.string().describe('The `id` of its record.') });

/** Body of every command. */
export const commandBodySchema = z
  .strictObject({
    reason: z.string().max(500).default('').describe('Why, for the record.'),
    confirm: z
      .string()
      .max(100)
      .optional()
      .describe('The `token` of `/api/impact`: refused where the command would by now hit anything else.'),
  })
  .default({ reason: '' });
export type CommandBody = z.output<typeof commandBodySchema>;

/** Body of `/api/services/restart/{name}`. */
export const serviceRestartBodySchema = commandBodySchema
  .unwrap()
  .extend({
    cascade: z.boolean().default(false).describe('Start again what ran and needs it.'),
    rolling: z
      .boolean()
      .default(false)
      .describe('One instance at a time, each waited for; ends at the first that fails.'),
  })
  .default({ reason: '', cascade: false, rolling: false });

/** Body of `/api/services/scale/{name}`. */
export const scaleBodySchema = commandBodySchema.unwrap().extend({
  instances: z.int().min(0).max(50).describe('How many are meant to run.'),
});

/** Query of `/api/stacks/{name}/logs`. */
export const logsQuerySchema = z.strictObject({
  lines: z.coerce.number().int().min(0).max(100_000).default(100).describe('The last so many entries.'),
  follow: z
    .enum(['0', '1', 'true', 'false'])
    .default('0')
    .transform((word) => word === '1' || word === 'true')
    .describe('Answer with an event stream that goes on.'),
  invocation: z
    .string()
    .regex(/^(?:[0-9a-f]{32}|latest)$/, 'expected 32 hexadecimal digits, or "latest"')
    .optional()
    .describe('Only entries of this run of the unit: 32 hexadecimal digits, or `latest`.'),
  after: z.string().max(400).optional().describe('Continue after this journal cursor.'),
  priority: z.coerce
    .number()
    .int()
    .min(0)
    .max(7)
    .optional()
    .describe('Only entries of this syslog priority or more urgent, 0 (emerg) to 7 (debug).'),
});
export type LogsQuery = z.output<typeof logsQuerySchema>;

/** Query of `/api/services/logs/{name}`. */
export const serviceLogsQuerySchema = logsQuerySchema.extend({
  instance: z.coerce
    .number()
    .int()
    .min(1)
    .max(50)
    .optional()
    .describe('Of a service with several instances: whose; without it that of the first one shown.'),
  stream: z
    .enum(['stdout', 'stderr'])
    .optional()
    .describe('Of a service: only what its program wrote to this output.'),
});

/** Query of `/api/events`. */
export const eventsQuerySchema = z.strictObject({
  since: z.coerce
    .number()
    .int()
    .min(0)
    .optional()
    .describe('Resume after this sequence number of the run `boot`; without both, a snapshot comes first.'),
  boot: z.string().max(64).optional().describe('The run that `since` counts in: `boot_id` of its snapshot.'),
});
export type EventsQuery = z.output<typeof eventsQuerySchema>;

/** Answer of `GET /api/stacks/{name}`. */
export const stackDetailSchema = z.object({ stack: stackStatusSchema, resources: resourcesSchema });
export type StackDetail = z.output<typeof stackDetailSchema>;

/** Answer of `GET /api/operations`: newest first. */
export const operationListSchema = z.object({ operations: z.array(operationSchema) });
