import { z } from 'zod';
import { problemSchema } from './errors.js';
import { operationKindSchema } from './operation.js';
import { unitBaseName } from './names.js';
import { stackStateSchema, timestampSchema, verdictLevelSchema } from './state.js';

/** What a command would do to one unit. */
export const impactOnSchema = z.object({
  /** The stack's or service's name. */
  name: z.string(),
  unit: z.string(),
  effect: z.enum(['stops', 'starts', 'restarts']),
  /** How it is now. */
  state: stackStateSchema,
  level: verdictLevelSchema,
  text: z.string(),
  /** The run that would be ended; null where none runs. */
  invocation_id: z.string().nullable(),
  since: timestampSchema.nullable(),
  /** Processes that would be ended. */
  processes: z.int(),
});

/** What a command would hit, computed from the state at one moment. */
export const impactSchema = z.object({
  command: operationKindSchema,
  stack: z.string().nullable(),
  /** The service; null for stacks. */
  service: z.string().nullable(),
  at: timestampSchema,
  /** What is hit, the stopped ones first. Empty where nothing would change. */
  affects: z.array(impactOnSchema),
  /**
   * For a service: units in the order they are stopped, then started, each wave after the one before, those of one wave
   * at the same time. Empty for stacks.
   */
  waves: z.array(z.object({ effect: z.enum(['stops', 'starts']), units: z.array(z.string()) })),
  /** True where the command hits more than its target: ask before it is sent. */
  confirm: z.boolean(),
  /** What ends with it that Rovi does not know of, as the catalog says of units of the system; in `text` too. */
  beyond: z.array(z.string()).default([]),
  /** Why it would be refused as things are, so that nothing would be done; null where it would not be. In `text` too. */
  refusal: problemSchema.nullable().default(null),
  /** One sentence for people: `stops teleop (running, 3 of 3 processes), then starts nav`. */
  text: z.string(),
  /**
   * Stands for exactly this situation. A command that carries it as `confirm` is refused with `situation-changed` where
   * it would now hit anything else, or another run of it.
   */
  token: z.string(),
});
export type Impact = z.output<typeof impactSchema>;

/** Query of `/api/impact`. */
export const impactQuerySchema = z
  .strictObject({
    command: operationKindSchema.describe('The command that is meant.'),
    stack: unitBaseName.optional().describe('The stack; not for `stop-all`.'),
    service: unitBaseName.optional().describe('Or the service.'),
    cascade: z
      .enum(['0', '1', 'true', 'false'])
      .default('0')
      .transform((word) => word === '1' || word === 'true')
      .describe('restart of a service: start again what runs and needs it.'),
    instances: z.coerce.number().int().min(0).max(50).optional().describe('scale: how many are meant.'),
  })
  .refine(
    ({ command, stack, service }) =>
      command === 'scale' || command === 'rolling-restart'
        ? stack === undefined
        : command !== 'switch' || service === undefined,
    {
      path: ['command'],
      message: 'expected a command that stacks (not services), or services (not stacks), take',
    },
  )
  .refine(({ command, instances }) => (command === 'scale') === (instances !== undefined), {
    path: ['instances'],
    message: 'expected how many instances for scale, and for that alone',
  })
  .refine(
    ({ command, stack, service }) =>
      (command === 'stop-all' ? 0 : 1) === [stack, service].filter(Boolean).length,
    {
      path: ['stack'],
      message: 'expected a stack or a service for every command but stop-all, and none for that',
    },
  );
