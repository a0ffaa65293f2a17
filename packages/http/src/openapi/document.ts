import type { Answer, Route } from '../route.js';
import { answerSchema, inputSchema, outputSchemas } from './components.js';
import { parametersOf } from './parameters.js';
import { refusalsOf } from './refusals.js';

const ABOUT =
  'HTTP/1.1 over the Unix socket `/run/rovi/conductor.sock`, where whoever may open it is an operator, and over TCP, ' +
  'where a token or an account of the robot says who asks. ' +
  'Every refusal is an RFC 9457 problem with a `code` of docs/errors.md and a `mend` that says what to do.';

/** The media type of an answer with what its body is. */
function contentOf({ type, schema, events, lines }: Answer): [string, object] {
  if (schema !== undefined) return ['application/json', { schema: answerSchema(schema) }];
  if (type === undefined) throw new Error('an answer in JSON has a schema');
  const text = { schema: { type: 'string' } };
  // OpenAPI 3.1 has no words for the lines or events of a stream (3.2 has `itemSchema`).
  if (lines !== undefined) return [type, { ...text, 'x-line-data': { anyOf: lines.map(answerSchema) } }];
  if (events === undefined) return [type, text];
  const data = Object.entries(events).map(([name, one]) => [name, answerSchema(one)] as const);
  return [type, { ...text, 'x-event-data': Object.fromEntries(data) }];
}

/** Answers of one status become one entry with a content for each media type. */
function successOf(answers: readonly Answer[]): Record<string, object> {
  const statuses = [...new Set(answers.map(({ status }) => status))];
  return Object.fromEntries(
    statuses.map((status) => {
      const all = answers.filter((answer) => answer.status === status);
      const headers = Object.assign({}, ...all.map((answer) => answer.headers ?? {})) as Record<
        string,
        string
      >;
      const described = Object.entries(headers).map(([name, description]) => [
        name,
        { description, schema: { type: 'string' } },
      ]);
      return [
        status,
        {
          description: [...new Set(all.map(({ is }) => is))].join('. '),
          ...(described.length === 0 ? {} : { headers: Object.fromEntries(described) as object }),
          content: Object.fromEntries(all.map(contentOf)),
        },
      ];
    }),
  );
}

function operationOf(route: Route, shared: Map<string, object>): object {
  const { id, tag, summary, details, query, body, answers } = route;
  const closed = query === undefined ? '' : 'Other words in the query are refused.';
  const description = [details ?? '', closed].filter((text) => text !== '').join('\n\n');
  const parameters = parametersOf(route);
  return {
    operationId: id,
    tags: [tag],
    summary,
    'x-rovi-role': route.role,
    security: route.role === 'anyone' ? [] : [{ token: [] }, {}],
    ...(description === '' ? {} : { description }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : { requestBody: { required: false, content: { 'application/json': { schema: inputSchema(body) } } } }),
    responses: { ...successOf(answers), ...refusalsOf(route, shared) },
  };
}

/** The routes as an OpenAPI 3.1 document: JSON, with nothing in it that the routes do not say. */
export function openApiDocument(routes: readonly Route[], version: string): object {
  const shared = new Map<string, object>();
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}').replace('*', '{path}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route, shared);
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Rovi',
      version,
      description: ABOUT,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: outputSchemas(),
      responses: Object.fromEntries(shared),
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: 'Over TCP: a token of `rovictl token create`.',
        },
      },
    },
  };
}
