import { z } from 'zod';
import { RoviError } from './errors.js';
import { unitBaseName } from './names.js';
import { ticketPriorities } from './ticket.js';
import type { TicketPriority } from './ticket.js';

/** Degrees as an angle from 0 up to 360. */
function turn(degrees: number): number {
  return ((degrees % 360) + 360) % 360;
}

/** Params of `drive`. */
export const driveParamsSchema = z.strictObject({
  speed: z.number('expected a number of m/s').positive('expected more than 0 m/s').describe('m/s'),
  direction: z
    .number('expected a number of degrees')
    .min(-360, 'expected an angle from -360 to 360')
    .max(360, 'expected an angle from -360 to 360')
    .transform(turn)
    .prefault(0)
    .describe('Degrees in the base’s own frame, counter-clockwise: 0 forward, 90 to the left (REP 103).'),
  duration_seconds: z
    .number('expected a number of seconds')
    .min(0.05, 'expected at least 0.05 s')
    .describe('Seconds that it moves.'),
});
export type DriveParams = z.output<typeof driveParamsSchema>;

/** Params of what takes none. */
export const noParamsSchema = z.strictObject({});

/** Params of `stack.start`, `stack.stop` and `stack.switch`. */
export const stackTicketParamsSchema = z.strictObject({
  stack: unitBaseName.describe('A stack of the catalog.'),
});
export type StackTicketParams = z.output<typeof stackTicketParamsSchema>;

/** The params as the schema reads them. Throws `ticket-invalid` with each place and what was expected there. */
export function readTicketParams<S extends z.ZodType>(
  command: string,
  schema: S,
  params: Readonly<Record<string, unknown>>,
): z.output<S> {
  const parsed = schema.safeParse(params);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => {
    const expected =
      issue.code === 'unrecognized_keys'
        ? `${command} has no ${issue.keys.map((key) => JSON.stringify(key)).join(', ')}`
        : issue.message;
    return `${['params', ...issue.path].join('.')}: ${expected}`;
  });
  throw new RoviError('ticket-invalid', `${command}: ${faults.join('; ')}`, {
    mend: 'Correct the params; `rovictl ticket commands` and `GET /ticket-commands` say what each command takes.',
    context: { command, faults },
  });
}

/** The schema of a command's params as JSON Schema, for clients; `limits` adds keywords to params by name. */
export function paramsJsonSchema(
  schema: z.ZodType,
  limits: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): Record<string, unknown> {
  const told: Record<string, unknown> = z.toJSONSchema(schema, { io: 'input' });
  const properties = { ...(told['properties'] as Readonly<Record<string, object>> | undefined) };
  for (const [name, more] of Object.entries(limits)) properties[name] = { ...properties[name], ...more };
  return { ...told, properties };
}

/** 0 for the lowest. */
export function rankOf(priority: TicketPriority): number {
  return ticketPriorities.indexOf(priority);
}
