import type { z } from 'zod';
import type { RouteDescription } from '../route.js';
import { inputSchema, without } from './components.js';
import type { JsonSchema } from './components.js';

/** One entry of an operation's `parameters`. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly oneOf?: readonly ObjectSchema[];
}

/** The kinds of a union: each variant has another constant in the property that tells them apart. */
function variantsOf(schema: ObjectSchema): readonly ObjectSchema[] {
  return schema.oneOf ?? [schema];
}

/** A property that is a constant in each of several variants becomes the choice among these; else it is the first one's. */
function merged(variants: readonly JsonSchema[]): JsonSchema {
  const [first = {}] = variants;
  const constants = variants.map((one) => one['const']);
  if (variants.length < 2 || constants.includes(undefined)) return first;
  return { ...without(first, 'const'), enum: constants };
}

/** OpenAPI has one parameter for each word of a query: the variants of a union are laid over one another. */
function parametersIn(place: 'path' | 'query', schema: z.ZodType): Parameter[] {
  const variants = variantsOf(inputSchema(schema));
  const names = new Set(variants.flatMap(({ properties = {} }) => Object.keys(properties)));
  return [...names].map((name) => {
    const having = variants.filter(({ properties = {} }) => name in properties);
    const { description, ...rest } = merged(having.map(({ properties = {} }) => properties[name] ?? {}));
    const kinds = having.map(({ properties = {} }) => properties['kind']?.['const']).join(' or ');
    const said = [
      ...(typeof description === 'string' ? [description] : []),
      ...(having.length < variants.length ? [`Only with the kind ${kinds}.`] : []),
    ].join(' ');
    return {
      // The rest of a path: OpenAPI has no word for it.
      name: name === '*' ? 'path' : name,
      in: place,
      required: place === 'path' || variants.every(({ required = [] }) => required.includes(name)),
      ...(said === '' ? {} : { description: said }),
      schema: rest,
    };
  });
}

/** All that a route reads besides its body. */
export function parametersOf({ params, query, headers = {} }: RouteDescription): Parameter[] {
  return [
    ...(params === undefined ? [] : parametersIn('path', params)),
    ...(query === undefined ? [] : parametersIn('query', query)),
    ...Object.entries(headers).map(([name, { schema, is }]): Parameter => ({
      name,
      in: 'header',
      required: false,
      description: is,
      schema: inputSchema(schema),
    })),
  ];
}
