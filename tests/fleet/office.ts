import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FleetReport } from '@rovi/contract';
import { mqttSchema } from '@rovi/contract';
import { FleetObserver } from '@rovi/mqtt';
import { REPOSITORY } from '@rovi/testbed';
import { tcpRig } from '../access/tcp-rig.js';
import { KeptLog } from '../api/rig.js';
import { until } from '../mqtt/broker.js';
import { keyFile } from './console-rig.js';
import { HandRobot } from './hand-robot.js';

/** A gateway in an office, with the page and rovictl: the real observer and the real HTTP face, and nothing of a robot. */
export async function office(
  url: string,
  account: { readonly username?: string; readonly password_file?: string } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'rovi-office-'));
  const key = await keyFile(folder);
  const log = new KeptLog();
  let observer: FleetObserver | undefined;
  const face = await tcpRig(
    {},
    {
      webFolder: join(REPOSITORY, 'dist', 'web'),
      fleet: ({ conductor, audit }) => {
        const entry = mqttSchema.parse({
          broker: url,
          client_id: 'office',
          ...account,
          fleet: { member: false, observe: true, key_file: key },
        });
        if (entry.fleet === undefined) throw new Error('there is a fleet');
        observer = new FleetObserver({ conductor, audit, entry, fleet: entry.fleet, logger: log.logger });
        return observer;
      },
    },
  );
  observer?.start();
  const { fleet } = face.client;
  const connected = (wanted = true): Promise<void> =>
    until(
      `the console to be ${wanted ? 'connected' : 'away'}`,
      async () => (await fleet.status()).broker.connected === wanted,
      30_000,
    );
  await connected();
  return {
    ...face,
    fleet,
    connected,
    /** The public key that robots must have among their operators. */
    key: async (): Promise<string> => {
      // It is read while the broker is looked for: neither waits for the other.
      await until('its key', async () => (await fleet.status()).key !== null, 30_000);
      return (await fleet.status()).key ?? '';
    },
    /** Resolves when the gateway knows so many robots that are there, and how they are. */
    online: (count: number): Promise<void> =>
      until(
        `${String(count)} robots to be online`,
        async () =>
          (await fleet.status()).robots.filter(
            ({ presence, report }) => presence === 'online' && report !== null,
          ).length === count,
        30_000,
      ),
    [Symbol.asyncDispose]: async () => {
      await observer?.stop();
      await face[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Robots that speak by hand, numbered from the first on: most do well, every eighth does not. */
export async function crowd(url: string, { from, to }: { from: number; to: number }): Promise<HandRobot[]> {
  const robots: HandRobot[] = [];
  for (let number = from; number <= to; number += 1) {
    const name = `cart-${String(number).padStart(2, '0')}`;
    const robot = new HandRobot(url, name, { heartbeat: 600 });
    await robot.up(reportOf(number));
    robots.push(robot);
  }
  return robots;
}

function reportOf(number: number): Partial<FleetReport> {
  const active = (['nav', 'teleop', null] as const)[number % 3] ?? null;
  const bad = number % 8 === 0;
  return {
    active,
    level: bad ? (number % 16 === 0 ? 'error' : 'warn') : 'ok',
    text: bad ? 'video has failed' : active === null ? 'no stack is active' : `${active} is running`,
    stacks: ['nav', 'teleop', 'mapping'].map((name) => ({
      name,
      state: name === active ? 'RUNNING' : 'STOPPED',
      level: 'ok',
    })),
    services: [
      { name: 'api', state: 'RUNNING', level: 'ok', health: 'healthy' },
      bad
        ? { name: 'video', state: 'FAILED', level: 'error', health: 'unhealthy' }
        : { name: 'video', state: 'RUNNING', level: 'ok', health: 'healthy' },
    ],
  };
}
