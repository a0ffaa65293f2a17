import {
  RoviError,
  commandBodySchema,
  healthHistorySchema,
  scaleBodySchema,
  serviceHealthReportSchema,
  serviceListSchema,
  serviceLogsQuerySchema,
  serviceParamsSchema,
  serviceRestartBodySchema,
  serviceStatusSchema,
  serviceUnit,
} from '@rovi/contract';
import type { ServiceStatus, Snapshot } from '@rovi/contract';
import { HttpFault } from '../fault.js';
import { COMMAND_HEADERS } from '../parse.js';
import { route } from '../route.js';
import type { Route, RouteContext } from '../route.js';
import { healthReportOf, serviceOf, serviceStatusOf, servicesOf } from '../service-status.js';
import type { Service } from '../service-status.js';
import { LOG_ANSWERS, LOG_DETAILS, LOG_HEADERS, UnitLog } from '../unit-log.js';
import type { LoggedUnit } from '../unit-log.js';
import { UsageMeter } from '../usage-meter.js';
import { COMMAND_ANSWERS, COMMAND_DETAILS, SERVICE_VERBS, VERBS, commandRunner } from './commands.js';

const DETAILS =
  `${COMMAND_DETAILS}\n\nOf a service: where it would hit more than its target, it is \`confirmation-required\` ` +
  'without `confirm`. The gateway takes no commands: it is `bad-request`.';

/** The services of the robot, and for clients that know services only the gateway and each stack as one. */
export function serviceRoutes(context: RouteContext): Route[] {
  const { conductor } = context;
  const log = new UnitLog(context);
  const meter = new UsageMeter((unit) => conductor.resources(unit));
  const run = commandRunner(context);

  const statusOf = async (service: Service, { at }: Snapshot): Promise<ServiceStatus> => {
    const usage = await meter.sum(service.runs);
    return serviceStatusOf(service, { ...usage, lastRestart: conductor.lastRestart(service.name), now: at });
  };

  const all = {
    method: 'POST',
    tag: 'services',
    details: DETAILS,
    params: serviceParamsSchema,
    headers: COMMAND_HEADERS,
    answers: COMMAND_ANSWERS,
  } as const;

  const commanded = (name: string, kind: Service['commands'][number]): Service => {
    const service = serviceOf(conductor.snapshot(), name);
    // What of a unit of the system is not allowed the conductor says, and what to do about it.
    const judged = service.supervised?.managed === 'system';
    if (!judged && !service.commands.includes(kind)) throw notCommanded(service, kind);
    return service;
  };
  const targetOf = ({ kind, name }: Service) => (kind === 'service' ? { service: name } : { stack: name });

  const onService = (kind: 'start' | 'stop'): Route =>
    route(
      {
        ...all,
        path: `/api/services/${kind}/:name`,
        id: `${kind}Service`,
        command: kind,
        summary: SERVICE_VERBS[kind].summary,
        body: commandBodySchema,
        errors: ['not-found', ...VERBS[kind].errors, ...SERVICE_VERBS[kind].errors],
      },
      ({ params: { name }, body }, request, reply) =>
        run({ kind, ...targetOf(commanded(name, kind)) }, body, request, reply),
    );

  return [
    route(
      {
        method: 'GET',
        path: '/api/services/list',
        id: 'listServices',
        tag: 'services',
        summary: 'The gateway, every stack and every service with state, health and figures',
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
        query: serviceLogsQuerySchema,
        headers: LOG_HEADERS,
        answers: LOG_ANSWERS,
        errors: ['not-found', 'journal-unavailable', 'too-many-clients'],
      },
      async ({ params: { name }, query }, request, reply) => {
        const { instance, stream, ...selection } = query;
        const unit = loggedUnit(serviceOf(conductor.snapshot(), name), instance);
        if (stream !== undefined && !unit.streams) throw onlyOfServices('stream', name);
        return log.answer(
          unit,
          { ...selection, ...(stream === undefined ? {} : { stream }) },
          { request, reply },
        );
      },
    ),
    route(
      {
        method: 'GET',
        path: '/api/services/health-history/:name',
        id: 'getServiceHealthHistory',
        tag: 'services',
        summary: 'The last looks of every health check of a service, by instance',
        details: 'Gateway and stacks have no checks: they are `service-unknown` here.',
        params: serviceParamsSchema,
        answers: [{ status: 200, is: 'The looks, newest last', schema: healthHistorySchema }],
        errors: ['service-unknown'],
      },
      ({ params: { name } }) => conductor.healthHistory(name),
    ),
    onService('start'),
    onService('stop'),
    route(
      {
        ...all,
        path: '/api/services/restart/:name',
        id: 'restartService',
        command: 'restart',
        summary: SERVICE_VERBS.restart.summary,
        body: serviceRestartBodySchema,
        errors: ['not-found', ...VERBS.restart.errors, ...SERVICE_VERBS.restart.errors],
      },
      ({ params: { name }, body: { cascade, rolling, ...body } }, request, reply) => {
        const service = commanded(name, 'restart');
        if (service.kind !== 'service') {
          if (cascade || rolling) throw onlyOfServices(cascade ? 'cascade' : 'rolling', name);
          return run({ kind: 'restart', stack: name }, body, request, reply);
        }
        if (rolling && cascade) throw rollsAlone();
        const kind = rolling ? 'rolling-restart' : 'restart';
        return run({ kind, service: name, ...(cascade ? { cascade } : {}) }, body, request, reply);
      },
    ),
    route(
      {
        ...all,
        path: '/api/services/scale/:name',
        id: 'scaleService',
        command: 'scale',
        summary: 'Make so many instances of a service run, within the bounds of the catalog',
        body: scaleBodySchema,
        errors: ['not-found', ...SERVICE_VERBS.scale.errors],
      },
      ({ params: { name }, body: { instances, ...body } }, request, reply) => {
        const service = serviceOf(conductor.snapshot(), name);
        // One instance at most: the conductor says so, with the bounds.
        if (service.kind !== 'service') throw notCommanded(service, 'scale');
        return run({ kind: 'scale', service: name, instances }, body, request, reply);
      },
    ),
  ];
}

/** Whose journal is meant: that of one instance, by default the main one's. */
function loggedUnit({ name, unit, status, supervised }: Service, instance: number | undefined): LoggedUnit {
  if (supervised === null) {
    if (instance !== undefined) throw onlyOfServices('instance', name);
    return { unit, invocation_id: status?.invocation_id ?? null, streams: false };
  }
  const streams = supervised.managed === 'rovi';
  if (instance === undefined) return { unit, invocation_id: status?.invocation_id ?? null, streams };
  const { instances, min, max } = supervised;
  if (instance > max) {
    throw new RoviError('bad-request', `${name} has no instance ${String(instance)}`, {
      mend: max === 1 ? 'It has one alone: leave `instance` out.' : `It has instances 1 to ${String(max)}.`,
    });
  }
  const shown = instances.find(({ id }) => id === instance);
  return {
    unit: shown?.unit.unit ?? serviceUnit(name, { instances: { min, max } }, instance),
    invocation_id: shown?.unit.invocation_id ?? null,
    streams,
  };
}

function onlyOfServices(word: string, name: string): RoviError {
  return new RoviError('bad-request', `\`${word}\` is for services of the catalog, and ${name} is none`, {
    mend: 'Leave it out; GET /api/services/list says which is what (`kind`).',
  });
}

function rollsAlone(): RoviError {
  return new RoviError('bad-request', 'a restart is `rolling` or with `cascade`, not both', {
    mend: 'A rolling restart keeps the others running: what needs it need not be restarted.',
  });
}

/** Stopping what answers would leave nobody to start it again; and all stacks are stopped with it. */
function notCommanded({ name, kind: of, unit }: Service, kind: string): HttpFault {
  if (of === 'stack') {
    return new HttpFault(400, 'bad-request', `${name} takes no ${kind}: it is a stack`, {
      mend: 'A stack is one unit; only services have instances.',
      context: { unit },
    });
  }
  return new HttpFault(400, 'bad-request', `${name} takes no ${kind}: it is what answers here`, {
    mend: `An admin does it on the robot: \`systemctl ${kind} ${unit}\`; a stop or restart of it stops every stack.`,
    context: { unit },
  });
}
