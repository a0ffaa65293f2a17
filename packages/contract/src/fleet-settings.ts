import { z } from 'zod';
import { roleSchema, tokenNameSchema } from './access.js';
import { fleetKeySchema } from './fleet.js';
import { absolutePath } from './names.js';

/** Whose commands a robot takes over the fleet's topics. */
export const fleetOperatorSchema = z.strictObject({
  /** Written into the audit. */
  name: tokenNameSchema,
  /** What `rovictl fleet key` printed: `ed25519:` and 44 characters. */
  key: fleetKeySchema,
  /** `viewer` may look. Whoever it speaks for may do no more than this either. */
  role: roleSchema.default('operator'),
});
export type FleetOperator = z.output<typeof fleetOperatorSchema>;

/** `mqtt.fleet`: what this robot has to do with a fleet. Nothing without it. */
export const fleetSettingsSchema = z
  .strictObject({
    /** The first part of the fleet's topics, the same on all its robots. */
    prefix: z
      .string()
      .regex(/^[A-Za-z0-9_-]+(?:\/[A-Za-z0-9_-]+)*$/, 'expected topic levels of letters, digits, "_" and "-"')
      .max(100)
      .default('fleet'),
    /** False: a console that is no robot itself, such as a gateway in an office. */
    member: z.boolean().default(true),
    /** Seconds between two reports of a robot on which nothing changes. */
    heartbeat: z.int().min(5).max(3_600).default(20),
    /** Whose commands it takes; without any it takes none. */
    operators: z.array(fleetOperatorSchema).max(200).default([]),
    /** Show the fleet on this gateway's faces. */
    observe: z.boolean().default(false),
    /** observe: the key that its commands are signed with; without it it can only look. */
    key_file: absolutePath.optional(),
  })
  .superRefine(({ operators, observe, key_file, member }, context) => {
    const issue = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    if (key_file !== undefined && !observe) issue(['observe'], 'expected true beside `key_file`');
    if (!member && !observe) issue(['observe'], 'expected true: a gateway that is no member only observes');
    const names = new Set<string>();
    const keys = new Set<string>();
    for (const [index, { name, key }] of operators.entries()) {
      if (names.has(name)) issue(['operators', index, 'name'], 'expected each name once');
      if (keys.has(key)) issue(['operators', index, 'key'], 'expected each key once');
      names.add(name);
      keys.add(key);
    }
  });
export type FleetSettings = z.output<typeof fleetSettingsSchema>;
