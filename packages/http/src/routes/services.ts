import {
  commandBodySchema,
  logsQuerySchema,
  serviceHealthReportSchema,
  serviceListSchema,
  serviceParamsSchema,
  serviceStatusSchema,
} from '@rovi/contract';
import type { ServiceStatus, Snapshot } from '@rovi/contract';
import { HttpFault } from '../fault.js';
import { COMMAND_HEADERS } from '../parse.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';
import { healthReportOf, isMeasurable, serviceOf, serviceStatusOf, servicesOf } from '../service-status.js';
import type { Service } from '../service-status.js';
import { LOG_ANSWERS, LOG_DETAILS, LOG_HEADERS, UnitLog } from '../unit-log.js';
import { UsageMeter } from '../usage-meter.js';
import { COMMAND_ANSWERS, COMMAND_DETAILS, VERBS, commandRunner } from './commands.js';

const NOTHING = { cpu_percent: null, memory_bytes: null };

/** The robot for clients that know services only: the gateway and each stack is one. */
export function serviceRoutes(context: RouteContext): Route[] {
  const { conductor } = context;
  const log = new UnitLog(context);
  const meter = new UsageMeter((unit) => conductor.resources(unit));
  const run = commandRunner(context);

  const statusOf = async (service: Service, { at }: Snapshot): Promise<ServiceStatus> => {
    const { name, unit, status } = service;
    const usage = isMeasurable(service) ? await meter.of(unit, status?.invocation_id ?? null) : NOTHING;
    return serviceStatusOf(service, { ...usage, lastRestart: conductor.lastRestart(name), now: at });
  };

  const onService = (kind: 'start' | 'stop' | 'restart'): Route =>
    route(
      {
        method: 'POST',
        path: `/api/services/${kind}/:name`,
        id: `${kind}Service`,
        command: kind,
        tag: 'services',
        summary: `${VERBS[kind].summary}, by its name as a service`,
        details: `${COMMAND_DETAILS}\n\nThe gateway takes no commands: it is \`bad-request\`.`,
        params: serviceParamsSchema,
        body: commandBodySchema,
        headers: COMMAND_HEADERS,
        answers: COMMAND_ANSWERS,
        errors: ['not-found', ...VERBS[kind].errors],
      },
      ({ params: { name }, body }, request, reply) => {
        const service = serviceOf(conductor.snapshot(), name);
        if (!service.commands.includes(kind)) throw notCommanded(service, kind);
        return run({ kind, stack: name }, body, request, reply);
      },
    );

  return [
    route(
      {
        method: 'GET',
        path: '/api/services/list',
        id: 'listServices',
        tag: 'services',
        summary: 'The gateway and every stack with state, health and figures',
        answers: [{ status: 200, is: 'The services', schema: serviceListSchema }],
      },
      async () => {
        const snapshot = conductor.snapshot();
        const services = servicesOf(snapshot).map((service) => statusOf(service, snapshot));
        return { services: await Promise.all(services) };
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/services/status/:name',
        id: 'getService',
        tag: 'services',
        summary: 'One of them',
        params: serviceParamsSchema,
        answers: [{ status: 200, is: 'The service', schema: serviceStatusSchema }],
        errors: ['not-found'],
      },
      ({ params: { name } }) => {
        const snapshot = conductor.snapshot();
        return statusOf(serviceOf(snapshot, name), snapshot);
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/services/health/:name',
        id: 'getServiceHealth',
        tag: 'services',
        summary: 'How well it does what it is for, and what was looked at',
        params: serviceParamsSchema,
        answers: [{ status: 200, is: 'Its health, good or bad', schema: serviceHealthReportSchema }],
        errors: ['not-found'],
      },
      ({ params: { name } }) => {
        const snapshot = conductor.snapshot();
        return healthReportOf(serviceOf(snapshot, name), snapshot);
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/services/logs/:name',
        id: 'readServiceLogs',
        tag: 'services',
        summary: 'Its journal, oldest entry first',
        details: LOG_DETAILS,
        params: serviceParamsSchema,
        query: logsQuerySchema,
        headers: LOG_HEADERS,
        answers: LOG_ANSWERS,
        errors: ['not-found', 'journal-unavailable', 'too-many-clients'],
      },
      async ({ params: { name }, query }, request, reply) => {
        const { unit, status } = serviceOf(conductor.snapshot(), name);
        return log.answer({ unit, invocation_id: status?.invocation_id ?? null }, query, { request, reply });
      },
    ),
    onService('start'),
    onService('stop'),
    onService('restart'),
  ];
}

/** Stopping what answers would leave nobody to start it again; and all stacks are stopped with it. */
function notCommanded({ name, unit }: Service, kind: string): HttpFault {
  return new HttpFault(400, 'bad-request', `${name} takes no ${kind}: it is what answers here`, {
    mend: `An admin does it on the robot: \`systemctl ${kind} ${unit}\`; a stop or restart of it stops every stack.`,
    context: { unit },
  });
}
