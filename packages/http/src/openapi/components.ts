import {
  activeSchema,
  auditListSchema,
  busStatusSchema,
  eventSchema,
  faceStatusSchema,
  failureReportSchema,
  graphSchema,
  healthSchema,
  impactSchema,
  liveMessageSchema,
  logEntrySchema,
  logListSchema,
  operationListSchema,
  operationSchema,
  problemDetailsSchema,
  problemSchema,
  resourcesSchema,
  rootSchema,
  rosProbeResultSchema,
  rosStatusSchema,
  serviceHealthReportSchema,
  serviceListSchema,
  serviceStatusSchema,
  sessionSchema,
  snapshotSchema,
  stackDetailSchema,
  stackListSchema,
  stackStatusSchema,
  timelineSchema,
  transitionSchema,
  tokenListSchema,
  unitStatusSchema,
} from '@rovi/contract';
import { z } from 'zod';

/** The names that the contract's schemas have in the document, and in clients generated from it. */
const NAMED: Readonly<Record<string, z.ZodType>> = {
  Active: activeSchema,
  AuditList: auditListSchema,
  BusStatus: busStatusSchema,
  Event: eventSchema,
  FaceStatus: faceStatusSchema,
  FailureReport: failureReportSchema,
  Graph: graphSchema,
  Health: healthSchema,
  Impact: impactSchema,
  LiveMessage: liveMessageSchema,
  LogEntry: logEntrySchema,
  LogList: logListSchema,
  Operation: operationSchema,
  OperationList: operationListSchema,
  Problem: problemSchema,
  ProblemDetails: problemDetailsSchema,
  Resources: resourcesSchema,
  Root: rootSchema,
  RosProbeResult: rosProbeResultSchema,
  RosStatus: rosStatusSchema,
  ServiceHealthReport: serviceHealthReportSchema,
  ServiceList: serviceListSchema,
  ServiceStatus: serviceStatusSchema,
  Session: sessionSchema,
  Snapshot: snapshotSchema,
  StackDetail: stackDetailSchema,
  StackList: stackListSchema,
  StackStatus: stackStatusSchema,
  Timeline: timelineSchema,
  Transition: transitionSchema,
  TokenList: tokenListSchema,
  UnitStatus: unitStatusSchema,
};

/** A JSON Schema of the 2020-12 dialect, which is OpenAPI 3.1's. */
export type JsonSchema = Readonly<Record<string, unknown>>;

const addressOf = (name: string): string => `#/components/schemas/${name}`;

/** Takes out what says nothing to a reader, or more than we promise. */
function plain({ jsonSchema }: { jsonSchema: Record<string, unknown> }): void {
  // `format` says it; zod's pattern is 300 characters of leap years.
  if (jsonSchema['format'] === 'date-time') delete jsonSchema['pattern'];
  if (jsonSchema['minimum'] === Number.MIN_SAFE_INTEGER) delete jsonSchema['minimum'];
  if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
  if (jsonSchema['type'] === 'object') delete jsonSchema['propertyNames'];
}

/** The schema without these keywords. */
export function without(schema: object, ...keywords: readonly string[]): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([key]) => !keywords.includes(key)));
}

/** What a client may send. */
export function inputSchema(schema: z.ZodType): JsonSchema {
  return without(z.toJSONSchema(schema, { io: 'input', override: plain }), '$schema');
}

/** What is answered, by name. Open: a later gateway may say more, and clients must bear that. */
export function outputSchemas(): Readonly<Record<string, JsonSchema>> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, {
    io: 'output',
    uri: addressOf,
    override: (context) => {
      plain(context);
      if (context.jsonSchema.additionalProperties === false) delete context.jsonSchema.additionalProperties;
    },
  });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => [id, without(schema, '$schema', '$id')]),
  );
}

/** What stands for the schema in an answer: its name, where it has one. */
export function answerSchema(schema: z.ZodType): JsonSchema {
  const name = Object.keys(NAMED).find((one) => NAMED[one] === schema);
  return name === undefined ? inputSchema(schema) : { $ref: addressOf(name) };
}
