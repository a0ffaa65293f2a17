/**
 * Robots of a fleet in one process: the real member of each, with a connection of its own, over a simulated robot. The
 * bench speaks to it as crowd.ts does, by {@link RobotsOrder}.
 */
import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { fleetSettingsSchema, mqttSchema } from '@rovi/contract';
import { FleetMember, fleetSigner } from '@rovi/mqtt';
import { monotonicMs } from '../monotonic.js';
import { serveOrders } from './fleet-child.js';
import { BESIDE, CHANGING, SimulatedRobot } from './simulated-robot.js';

export type RobotsOrder =
  /** Resolves when all have begun to connect. */
  | {
      readonly kind: 'start';
      readonly names: readonly string[];
      readonly broker: string;
      readonly passwordFile: string;
      readonly keyFile: string;
      readonly heartbeatS: number;
    }
  /** Turns one stack of a robot so many times, 50 ms apart, and then another to `runs`; resolves with that moment by both clocks. */
  | { readonly kind: 'change'; readonly robot: string; readonly runs: boolean; readonly before: number }
  /** Resolves with how long each command took since the last time it was asked. */
  | { readonly kind: 'took' };

/** Milliseconds between the changes of one burst. */
const BURST_MS = 50;

const robots = new Map<string, SimulatedRobot>();

function start(order: Extract<RobotsOrder, { kind: 'start' }>): void {
  const { key } = fleetSigner(readFileSync(order.keyFile, 'utf8'));
  const fleet = fleetSettingsSchema.parse({
    heartbeat: order.heartbeatS,
    operators: [{ name: 'office', key }],
  });
  for (const name of order.names) {
    const robot = new SimulatedRobot(name);
    robots.set(name, robot);
    const member = new FleetMember({
      conductor: robot,
      tickets: { estop: () => Promise.reject(new Error('the bench stops nobody')) },
      audit: { record: () => undefined },
      entry: mqttSchema.parse({ broker: order.broker, username: name, password_file: order.passwordFile }),
      fleet,
      operators: () => fleet.operators,
      clocks: {
        monotonic: () => performance.now(),
        uptime: () => uptime() * 1_000,
        wall: () => Date.now(),
      },
      logger: {
        info: () => undefined,
        warn: (fields, text) => process.stderr.write(`${text} ${JSON.stringify(fields)}\n`),
      },
    });
    member.start();
  }
}

async function answer(order: RobotsOrder): Promise<unknown> {
  switch (order.kind) {
    case 'start':
      start(order);
      return {};
    case 'change': {
      const robot = robots.get(order.robot);
      if (robot === undefined) throw new Error(`there is no robot ${order.robot}`);
      for (let done = 0; done < order.before; done += 1) {
        robot.turn(BESIDE);
        await new Promise((resolve) => setTimeout(resolve, BURST_MS));
      }
      const [at, wall] = [monotonicMs(), Date.now()];
      robot.change(CHANGING, order.runs);
      return { at, wall };
    }
    case 'took':
      return { ms: [...robots.values()].flatMap(({ took }) => took.splice(0)) };
  }
}

serveOrders(answer);
