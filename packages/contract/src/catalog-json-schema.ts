import { z } from 'zod';
import { catalogSchema } from './catalog.js';

/**
 * JSON Schema (draft 2020-12) of a catalog as people write it, for editors: names, types and bounds. What one entry says of
 * another is not in it; `rovictl validate` looks at that too.
 */
export function catalogJsonSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(catalogSchema, {
    io: 'input',
    reused: 'inline',
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema }) => {
      // A word of YAML without quotes can be a number: it is read as it is written.
      if (jsonSchema.type === 'string' && jsonSchema.enum === undefined && jsonSchema.const === undefined) {
        Object.assign(jsonSchema, { type: ['string', 'number', 'boolean'] });
      }
      if (!isShortened(zodSchema)) return;
      const written = { ...jsonSchema };
      for (const key of Object.keys(jsonSchema)) Reflect.deleteProperty(jsonSchema, key);
      jsonSchema.anyOf = [written, { type: ['number', 'boolean'] }];
    },
  });
}

/** Whether something shorter may stand for it: a number for text, a port for its entry. */
function isShortened(schema: z.core.$ZodTypes): boolean {
  const { def } = schema._zod;
  return def.type === 'pipe' && def.in._zod.def.type === 'transform';
}
