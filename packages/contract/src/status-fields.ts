import { z } from 'zod';
import { processName } from './names.js';

/** An id in a user interface's configuration. */
const fieldId = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'expected a field id: letters, digits and "_"')
  .max(64);

/** The unit a field looks at, without `.service`, as it is installed: `rovi-nav`, `rovi-gateway`. */
const scope = z
  .string()
  .regex(/^rovi-[a-z0-9_-]+$/, 'expected a unit of this catalog without ".service", such as "rovi-nav"');

/** Where a field's value comes from: systemd's state of a unit, or the presence of a process in its cgroup. */
const source = z.discriminatedUnion('type', [
  z.strictObject({ provider: z.literal('system'), type: z.literal('service'), service: scope }),
  z.strictObject({
    provider: z.literal('system'),
    type: z.literal('process'),
    process: processName,
    /** Only in this stack; without it, in any. */
    service: scope.optional(),
  }),
]);

/**
 * One field of the status stream for a user interface. A text field holds a short word (`active`, `inactive`, `failed`,
 * `running`, `missing`, `unknown`); a float field holds 1 (active, running), 0 (not), or nothing where it is not known.
 */
export const statusFieldSchema = z.union([
  z.strictObject({ id: fieldId, type: z.literal('text'), source }),
  z.strictObject({
    id: fieldId,
    type: z.literal('float').default('float'),
    unit: z.string().max(20),
    min: z.number().optional(),
    max: z.number().optional(),
    target: z.number().optional(),
    source,
  }),
]);
export type StatusField = z.output<typeof statusFieldSchema>;

/** `streams:` of the catalog, as a UI bridge's configuration has it. */
export const streamsSchema = z.strictObject({
  status: z.strictObject({ fields: z.array(statusFieldSchema).max(500).default([]) }).default({ fields: [] }),
});

interface Declared {
  readonly stacks: Readonly<Record<string, { readonly processes: readonly string[] }>>;
  readonly streams: z.output<typeof streamsSchema>;
}

/** What is wrong with the fields in this catalog: path below `fields`, and what was expected. */
export function statusFieldFaults({ stacks, streams }: Declared): [(string | number)[], string][] {
  const faults: [(string | number)[], string][] = [];
  const seen = new Set<string>();
  for (const [index, field] of streams.status.fields.entries()) {
    const { id, source } = field;
    if (seen.has(id))
      faults.push([[index, 'id'], `expected an id that no other field has, got "${id}" again`]);
    seen.add(id);
    const stack = source.service?.slice('rovi-'.length);
    const known = stack === undefined || stack === 'gateway' || Object.hasOwn(stacks, stack);
    if (!known) {
      faults.push([
        [index, 'source', 'service'],
        `expected a unit of this catalog, got "${String(source.service)}"`,
      ]);
    } else if (source.type === 'process' && stack === 'gateway') {
      faults.push([
        [index, 'source', 'service'],
        "expected a stack's unit: the gateway's processes are not watched",
      ]);
    } else if (source.type === 'process') {
      const places = stack === undefined ? Object.values(stacks) : [stacks[stack]];
      if (!places.some((place) => place?.processes.includes(source.process))) {
        faults.push([
          [index, 'source', 'process'],
          `expected one of the \`processes\` of ${stack === undefined ? 'a stack' : `stack ${stack}`}, got "${source.process}"`,
        ]);
      }
    }
    if (
      field.type === 'float' &&
      field.min !== undefined &&
      field.max !== undefined &&
      field.min > field.max
    ) {
      faults.push([[index, 'min'], `expected at most max (${String(field.max)})`]);
    }
  }
  return faults;
}

/** One field's metadata as published: `StatusFieldMeta` in proto/status.proto. */
export const statusFieldMetaSchema = z.object({
  id: z.string(),
  type: z.enum(['float', 'text']),
  unit: z.string().optional(),
  min: z.number().optional(),
  max: z.number().optional(),
  target: z.number().optional(),
});

/** One field's value as published: `StatusFieldValue`. Without `value` and `text` it is not known. */
export const statusFieldValueSchema = z.object({
  id: z.string(),
  value: z.number().optional(),
  text: z.string().optional(),
});

/** The status stream's message, complete each time: `StatusFields`. */
export const statusFieldsSchema = z.object({
  boot_id: z.string(),
  seq: z.int(),
  /** Seconds since the epoch. */
  stamp: z.number(),
  meta: z.array(statusFieldMetaSchema),
  values: z.array(statusFieldValueSchema),
});
export type StatusFields = z.output<typeof statusFieldsSchema>;
