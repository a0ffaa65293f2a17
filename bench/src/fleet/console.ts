/**
 * A gateway that is nothing but a console: the real observer behind the real HTTP face on a unix socket. Its conductor is
 * the real one over a model of a robot on which nothing happens.
 */
import { RobotModel, VirtualClock } from '@rovi/conductor/robot-model';
import { catalogSchema, mqttSchema } from '@rovi/contract';
import { FleetObserver } from '@rovi/mqtt';
import { pino } from 'pino';
import { modelGateway, silentAudit } from '../model-gateway.js';
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
  const entry = mqttSchema.parse({
    broker,
    username: 'office',
    password_file: passwordFile,
    client_id: 'office',
    fleet: { member: false, observe: true, key_file: keyFile },
  });
  const { fleet } = entry;
  if (fleet === undefined) throw new Error('there is a fleet');
  const {
    conductor,
    desk,
    fleet: observer,
    face,
  } = modelGateway({
    model,
    policy,
    socketPath,
    tokensPath: `${folder}/tokens.json`,
    logger,
    onFault: (error) => logger.error({ err: error }, 'a listener or the desk failed'),
    fleetOf: (observed) =>
      new FleetObserver({ conductor: observed, audit: silentAudit, entry, fleet, logger }),
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
