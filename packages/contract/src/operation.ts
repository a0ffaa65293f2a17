import { z } from 'zod';
import { problemSchema } from './errors.js';
import { timestampSchema } from './state.js';

export const operationKindSchema = z.enum([
  'start',
  'stop',
  'stop-all',
  'restart',
  'switch',
  'scale',
  'rolling-restart',
]);
export type OperationKind = z.output<typeof operationKindSchema>;
/** The commands on stacks; the other two are for services alone. */
export type StackCommandKind = Exclude<OperationKind, 'scale' | 'rolling-restart'>;

/** Who asked. `verified` is false where the name is only what the client said of itself. */
export const actorSchema = z.object({
  name: z.string().max(100),
  face: z.enum(['http', 'cli', 'web', 'ros', 'mqtt', 'conductor']),
  verified: z.boolean(),
});
export type Actor = z.output<typeof actorSchema>;

export const operationOutcomeSchema = z.enum(['running', 'succeeded', 'failed', 'cancelled']);

/** One step of an operation, for progress and for timings. */
export const operationStepSchema = z.object({
  /** For example `stop rovi-teleop.service`, `prove rovi-teleop.service gone`, `wait for controller_server`. */
  text: z.string(),
  started_at: timestampSchema,
  /** Milliseconds on the monotonic clock; null while the step runs. */
  duration_ms: z.number().nullable(),
});
export type OperationStep = z.output<typeof operationStepSchema>;

/** The record of one command: who, what, why, how it went. */
export const operationSchema = z.object({
  id: z.string(),
  kind: operationKindSchema,
  /** The stack commanded; null for stop-all, and for a service. */
  stack: z.string().nullable(),
  /** The service commanded; null for stacks. */
  service: z.string().nullable(),
  /** switch: the stack that held the robot before. */
  from: z.string().nullable(),
  actor: actorSchema,
  reason: z.string(),
  outcome: operationOutcomeSchema,
  /** Whether anything was changed: false for a start of what already runs. */
  changed: z.boolean(),
  /** One sentence: what came of it. */
  message: z.string(),
  problem: problemSchema.nullable(),
  warnings: z.array(z.string()),
  steps: z.array(operationStepSchema),
  started_at: timestampSchema,
  ended_at: timestampSchema.nullable(),
  duration_ms: z.number().nullable(),
});
export type Operation = z.output<typeof operationSchema>;
