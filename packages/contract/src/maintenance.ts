import { z } from 'zod';
import { unitBaseName } from './names.js';
import { actorSchema } from './operation.js';
import { timestampSchema } from './state.js';

/** Somebody works on a unit, or on the whole robot: nothing starts it until that has ended. What runs is not stopped by it. */
export const maintenanceSchema = z.object({
  /** A stack's or service's name; null for the whole robot: then nothing starts any. */
  target: z.string().nullable(),
  reason: z.string(),
  actor: actorSchema,
  since: timestampSchema,
  /** When it ends by itself; null where somebody has to end it. */
  until: timestampSchema.nullable(),
});
export type Maintenance = z.output<typeof maintenanceSchema>;

/** Body of `POST /api/maintenance`. */
export const maintenanceBodySchema = z.strictObject({
  target: unitBaseName.nullable().default(null).describe('A stack or service; without it the whole robot.'),
  reason: z
    .string()
    .min(1, 'expected a reason')
    .max(500)
    .describe('Why, for all who want to start it meanwhile.'),
  until: timestampSchema
    .nullable()
    .default(null)
    .describe('When it ends by itself; without it, when somebody ends it.'),
});
export type MaintenanceBody = z.output<typeof maintenanceBodySchema>;

/** Body of `POST /api/maintenance/end`. */
export const maintenanceEndSchema = z.strictObject({
  target: unitBaseName.nullable().default(null).describe('A stack or service; without it the whole robot.'),
  reason: z.string().max(500).default(''),
});

/** Answer of `GET /api/maintenance`: what is in maintenance, the robot first. */
export const maintenanceListSchema = z.object({ maintenance: z.array(maintenanceSchema) });
