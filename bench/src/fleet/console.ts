/**
 * A gateway that is nothing but a console: the real observer behind the real HTTP face on a unix socket. Its conductor is
 * the real one over a model of a robot on which nothing happens.
 */
import { Conductor, noProber } from '@rovi/conductor';
import {
  MemoryMarkStore,
  MemorySupervisionStore,
  RobotModel,
  VirtualClock,
  modelDesk,
  noCatalogFile,
} from '@rovi/conductor/robot-model';
import {
  catalogSchema,
  httpSchema,
  mqttSchema,
  rosSchema,
  streamsSchema,
  ticketSettingsSchema,
} from '@rovi/contract';
import { createHttpFace } from '@rovi/http';
import { FleetObserver } from '@rovi/mqtt';
import { NoRosTransport, RosFace } from '@rovi/ros';
import { pino } from 'pino';
import { serveOrders } from './fleet-child.js';

/** Resolves when it answers over HTTP. */
export interface ConsoleStart {
  readonly kind: 'start';
  readonly broker: string;
  readonly passwordFile: string;
  readonly keyFile: string;
  readonly folder: string;
  readonly socketPath: string;
}

/** `collect`: collects garbage; resolves with what is left on the heap and beside it. */
export type ConsoleOrder = ConsoleStart | { readonly kind: 'collect' };

/** The model's clock on real time. */
class RealTime extends VirtualClock {
  override now(): number {
    return Date.now();
  }

  override monotonic(): number {
    return performance.now();
  }

  override at(delay: number, run: () => void): void {
    setTimeout(run, delay);
  }
}

const logger = pino({ level: 'warn' }, pino.destination({ fd: 2, sync: true }));

async function start({ broker, passwordFile, keyFile, folder, socketPath }: ConsoleStart): Promise<void> {
  const policy = catalogSchema.parse({
    version: 1,
    robot: 'office',
    workspace: '/home/rovi/ws',
    env_file: '/home/rovi/env',
    stacks: {
      idle: {
        description: 'Nothing',
        launch: { package: 'rovi_bringup', file: 'idle.launch.py' },
        processes: [],
      },
    },
  });
  const model = new RobotModel(new RealTime(), { 'rovi-idle.service': [] }, 200);
  const audit = { record: () => undefined };
  const conductor = new Conductor({
    policy,
    version: 'bench',
    catalog: noCatalogFile,
    units: model,
    lock: model,
    journal: model,
    audit,
    clock: model.clock,
    prober: noProber,
    environment: {},
    maintenanceMarks: new MemoryMarkStore(),
    stoppedMarks: new MemoryMarkStore(),
    supervision: new MemorySupervisionStore(),
    onListenerFault: (error) => logger.error({ err: error }, 'a listener failed'),
  });
  const ros = new RosFace({
    conductor,
    transport: new NoRosTransport('this is the bench', ''),
    policy: { ...policy, ros: rosSchema.parse({}), streams: streamsSchema.parse({}) },
    logger,
  });
  const { desk } = modelDesk({
    conductor,
    clock: model.clock,
    audit,
    settings: ticketSettingsSchema.parse({}),
    onFault: (error) => logger.error({ err: error }, 'a fault of the desk'),
  });
  const entry = mqttSchema.parse({
    broker,
    username: 'office',
    password_file: passwordFile,
    client_id: 'office',
    fleet: { member: false, observe: true, key_file: keyFile },
  });
  if (entry.fleet === undefined) throw new Error('there is a fleet');
  const observer = new FleetObserver({ conductor, audit, entry, fleet: entry.fleet, logger });
  const face = createHttpFace({
    conductor,
    journal: model,
    ros,
    tickets: desk,
    fleet: observer,
    audit,
    socketPath,
    tcp: httpSchema.parse({ listen: [] }),
    group: 'rovi-ops',
    tokensPath: `${folder}/tokens.json`,
    webFolder: null,
    logger,
    version: 'bench',
  });
  await conductor.start();
  await desk.start();
  await face.start();
  observer.start();
}

serveOrders(async (order: ConsoleOrder) => {
  if (order.kind === 'start') return start(order);
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return { heldMiB: (heapUsed + external) / 2 ** 20 };
});
