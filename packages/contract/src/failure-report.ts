import { z } from 'zod';
import { logEntrySchema } from './events.js';
import { exitCauseSchema, timestampSchema } from './state.js';

/** Answer of `GET /api/stacks/{name}/failure`: the last failure, explained. */
export const failureReportSchema = z.object({
  stack: z.string(),
  unit: z.string(),
  /** The run that failed; null where systemd no longer knows. */
  invocation_id: z.string().nullable(),
  at: timestampSchema.nullable(),
  cause: exitCauseSchema,
  /** The last lines of that run, oldest first; at most 40. Empty where the journal cannot be read: `lines_error` says why. */
  lines: z.array(logEntrySchema),
  lines_error: z.string().nullable(),
  /** What to do, one step an item. */
  mend: z.array(z.string()),
});
export type FailureReport = z.output<typeof failureReportSchema>;
