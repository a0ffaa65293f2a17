import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { ask } from './ask.js';
import type { Reply } from './ask.js';

type Json = Record<string, unknown>;

export interface DescribedAnswer {
  readonly description: string;
  readonly content: Record<
    string,
    { readonly schema: Json; readonly 'x-event-data'?: Record<string, Json>; readonly 'x-line-data'?: Json }
  >;
}

export interface DescribedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Json;
}

export interface DescribedOperation {
  readonly operationId: string;
  readonly summary: string;
  readonly parameters?: readonly DescribedParameter[];
  readonly requestBody?: { readonly content: Record<string, { readonly schema: Json }> };
  readonly responses: Record<string, DescribedAnswer | { readonly $ref: string }>;
}

export interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, DescribedOperation>>;
  readonly components: {
    readonly schemas: Record<string, Json>;
    readonly responses: Record<string, DescribedAnswer>;
  };
}

/** Every object with named members has no others: in the tests, what is answered and not described is a fault. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const all = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in all && !('additionalProperties' in all)
    ? { ...all, additionalProperties: false }
    : all;
}

/** What a gateway says of itself, and whether an answer is as it says. */
export class Description {
  readonly document: Document;
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true });

  constructor(document: Document) {
    this.document = document;
    addFormats.default(this.#ajv);
    const schemas = closed(document.components.schemas);
    this.#ajv.addSchema({ $id: 'http://rovi/', components: { schemas } });
  }

  static async of(socketPath: string): Promise<Description> {
    const { text } = await ask(socketPath, { path: '/openapi.json' });
    return new Description(JSON.parse(text) as Document);
  }

  /** Every operation as `GET /api/stacks/{name}`. */
  get operations(): Map<string, DescribedOperation> {
    return new Map(
      Object.entries(this.document.paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, one]) => [`${method.toUpperCase()} ${path}`, one] as const),
      ),
    );
  }

  /** What is wrong with a value; empty where it fits the schema. */
  faults(schema: Json, value: unknown): string[] {
    const moved = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"http://rovi/#/')) as Json;
    const fits = this.#ajv.compile(moved);
    return fits(value)
      ? []
      : (fits.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
  }

  /** What is wrong with an answer to this operation; empty where status, media type and body are as described. */
  faultsOf(operation: string, { status, type, text }: Reply): string[] {
    const found = this.operations.get(operation)?.responses[String(status)];
    if (found === undefined) return [`${status} is not described: ${text}`];
    const answer =
      '$ref' in found ? this.document.components.responses[found.$ref.split('/').at(-1) ?? ''] : found;
    const content = answer?.content[type];
    if (content === undefined) return [`${type} is not described for ${status}`];
    const lines = content['x-line-data'];
    if (lines !== undefined) {
      return text
        .split('\n')
        .filter((line) => line !== '')
        .flatMap((line) => this.faults(lines, JSON.parse(line)));
    }
    if (type.endsWith('json')) return this.faults(content.schema, JSON.parse(text));
    const events = content['x-event-data'];
    if (events === undefined) return [];
    const [, name = ''] = /^event: (.*)$/m.exec(text) ?? [];
    const [, data = 'null'] = /^data: (.*)$/m.exec(text) ?? [];
    const schema = events[name];
    return schema === undefined
      ? [`the event "${name}" is not described`]
      : this.faults(schema, JSON.parse(data));
  }
}
