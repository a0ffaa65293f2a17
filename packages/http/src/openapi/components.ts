import {
  activeSchema,
  auditListSchema,
  busStatusSchema,
  droppedMessageSchema,
  estopSchema,
  eventSchema,
  executionSchema,
  faceStatusSchema,
  failureReportSchema,
  fleetEventSchema,
  fleetImpactListSchema,
  fleetReportSchema,
  fleetRobotSchema,
  fleetRunListSchema,
  fleetRunSchema,
  fleetStatusSchema,
  graphSchema,
  healthHistorySchema,
  healthSchema,
  impactSchema,
  liveMessageSchema,
  logEntrySchema,
  logListSchema,
  maintenanceListSchema,
  maintenanceSchema,
  operationListSchema,
  operationSchema,
  problemDetailsSchema,
  problemSchema,
  recoverySchema,
  reloadSchema,
  resourcesSchema,
  robotHealthSchema,
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
  supervisedServiceSchema,
  telemetryEventsSchema,
  telemetryMetricsSchema,
  ticketCommandListSchema,
  ticketDeskSchema,
  ticketDetailSchema,
  ticketListSchema,
  ticketSchema,
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
  DroppedMessage: droppedMessageSchema,
  Estop: estopSchema,
  Event: eventSchema,
  Execution: executionSchema,
  FaceStatus: faceStatusSchema,
  FailureReport: failureReportSchema,
  FleetEvent: fleetEventSchema,
  FleetImpactList: fleetImpactListSchema,
  FleetReport: fleetReportSchema,
  FleetRobot: fleetRobotSchema,
  FleetRun: fleetRunSchema,
  FleetRunList: fleetRunListSchema,
  FleetStatus: fleetStatusSchema,
  Graph: graphSchema,
  Health: healthSchema,
  HealthHistory: healthHistorySchema,
  Impact: impactSchema,
  LiveMessage: liveMessageSchema,
  LogEntry: logEntrySchema,
  LogList: logListSchema,
  Maintenance: maintenanceSchema,
  MaintenanceList: maintenanceListSchema,
  Operation: operationSchema,
  OperationList: operationListSchema,
  Problem: problemSchema,
  ProblemDetails: problemDetailsSchema,
  Recovery: recoverySchema,
  Reload: reloadSchema,
  Resources: resourcesSchema,
  RobotHealth: robotHealthSchema,
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
  SupervisedService: supervisedServiceSchema,
  TelemetryEvents: telemetryEventsSchema,
  TelemetryMetrics: telemetryMetricsSchema,
  Ticket: ticketSchema,
  TicketCommandList: ticketCommandListSchema,
  TicketDesk: ticketDeskSchema,
  TicketDetail: ticketDetailSchema,
  TicketList: ticketListSchema,
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
