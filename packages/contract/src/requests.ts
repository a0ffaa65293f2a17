import { z } from 'zod';
import { unitBaseName } from './names.js';
import { operationSchema } from './operation.js';
import { resourcesSchema, stackStatusSchema } from './state.js';

/** Path parameter of `/api/stacks/{name}`. */
export const stackParamsSchema = z.object({ name: unitBaseName });

/** Body of every command. */
export const commandBodySchema = z
  .strictObject({ reason: z.string().max(500).default('') })
  .default({ reason: '' });

/** Query of `/api/stacks/{name}/logs`. */
export const logsQuerySchema = z.strictObject({
  lines: z.coerce.number().int().min(0).max(100_000).default(100),
  follow: z
    .enum(['0', '1', 'true', 'false'])
    .default('0')
    .transform((word) => word === '1' || word === 'true'),
  invocation: z
    .string()
    .regex(/^(?:[0-9a-f]{32}|latest)$/, 'expected 32 hexadecimal digits, or "latest"')
    .optional(),
  /** Continue after this journal cursor. */
  after: z.string().max(400).optional(),
  /** Only entries of this syslog priority or more urgent. */
  priority: z.coerce.number().int().min(0).max(7).optional(),
});
export type LogsQuery = z.output<typeof logsQuerySchema>;

/** Query of `/api/events`. */
export const eventsQuerySchema = z.strictObject({
  /** Resume after this sequence number of the run `boot`; without both, a snapshot comes first. */
  since: z.coerce.number().int().min(0).optional(),
  boot: z.string().max(64).optional(),
});
export type EventsQuery = z.output<typeof eventsQuerySchema>;

/** Answer of `GET /api/stacks/{name}`. */
export const stackDetailSchema = z.object({ stack: stackStatusSchema, resources: resourcesSchema });
export type StackDetail = z.output<typeof stackDetailSchema>;

/** Answer of `GET /api/operations`: newest first. */
export const operationListSchema = z.object({ operations: z.array(operationSchema) });
