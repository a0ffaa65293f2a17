import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditLog, ConductorApi } from '@rovi/conductor';
import type { FleetEvent, FleetRobot, FleetRun, FleetTargetState } from '@rovi/contract';
import { httpSchema, mqttSchema } from '@rovi/contract';
import { FleetObserver } from '@rovi/mqtt';
import { KeptLog, rig } from '../api/rig.js';
import { until } from '../mqtt/broker.js';

/** A key file as `rovictl fleet key` makes it. */
export async function keyFile(folder: string, mode = 0o600): Promise<string> {
  const path = join(folder, 'fleet.key');
  const { privateKey } = generateKeyPairSync('ed25519');
  await writeFile(path, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode });
  return path;
}

/** The observer of a gateway that is no robot itself; not started yet. */
export function observerOf(
  url: string,
  parts: { readonly conductor: ConductorApi; readonly audit: AuditLog },
  { logger = new KeptLog().logger, ...fleet }: { key_file?: string; logger?: KeptLog['logger'] } = {},
): FleetObserver {
  const entry = mqttSchema.parse({
    broker: url,
    client_id: 'office',
    fleet: { member: false, observe: true, ...fleet },
  });
  if (entry.fleet === undefined) throw new Error('there is a fleet');
  return new FleetObserver({ ...parts, entry, fleet: entry.fleet, logger });
}

/** A gateway that is nothing but a console: the real observer, the real HTTP face and the real client. */
export async function consoleRig(url: string, settings: { key_file?: string | null; port?: number } = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'rovi-console-'));
  const key = settings.key_file === undefined ? await keyFile(folder) : settings.key_file;
  const log = new KeptLog();
  let observer: FleetObserver | undefined;
  const api = await rig(
    {},
    {
      ...(settings.port === undefined
        ? {}
        : { tcp: httpSchema.parse({ listen: [{ address: '127.0.0.1', port: settings.port }] }) }),
      fleet: (parts) =>
        (observer = observerOf(url, parts, {
          logger: log.logger,
          ...(key === null ? {} : { key_file: key }),
        })),
    },
  );
  observer?.start();
  const { fleet } = api.client;
  // It is read while the broker is looked for: neither waits for the other.
  if (settings.key_file === undefined)
    await until('its key', async () => (await fleet.status()).key !== null, 30_000);
  const robot = async (name: string): Promise<FleetRobot | undefined> =>
    (await fleet.status()).robots.find((one) => one.robot === name);
  return {
    api,
    fleet,
    log,
    robot,
    /** The audit's entries so far. */
    audit: async () => (await api.client.audit(100)).filter(({ command }) => command.startsWith('fleet-')),
    face: () => api.conductor.snapshot().faces.find(({ name }) => name === 'fleet-console'),
    connected: (connected = true): Promise<void> =>
      until(
        `the console to be ${connected ? 'connected' : 'away'}`,
        async () => (await fleet.status()).broker.connected === connected,
        30_000,
      ),
    untilRobot: async (name: string, presence: FleetRobot['presence']): Promise<FleetRobot> => {
      let last: FleetRobot | undefined;
      await until(
        `${name} to be ${presence}`,
        async () => {
          last = await robot(name);
          // That it is there comes before how it is.
          return last?.presence === presence && (presence !== 'online' || last.report !== null);
        },
        30_000,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}; is ${JSON.stringify(last)}`, { cause: error });
      });
      if (last === undefined) throw new Error('there is no such robot');
      return last;
    },
    untilRun: async (id: string, states: Record<string, FleetTargetState>): Promise<FleetRun> => {
      let run: FleetRun | undefined;
      await until(
        `the run to be ${JSON.stringify(states)}`,
        async () => {
          run = await fleet.runOf(id);
          return run.targets.every(
            ({ robot: name, state }) => states[name] === undefined || states[name] === state,
          );
        },
        30_000,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}; is ${JSON.stringify(run)}`, { cause: error });
      });
      if (run === undefined) throw new Error('there is no such run');
      return run;
    },
    /** Follows, by the client. */
    follow: () => {
      const events: FleetEvent[] = [];
      const controller = new AbortController();
      const over = (async () => {
        for await (const event of fleet.events({ signal: controller.signal })) events.push(event);
      })().catch((error: unknown) => error);
      return {
        events,
        /** The robots as somebody has them who has only listened. */
        robots: () => folded(events),
        end: async () => {
          controller.abort();
          await over;
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      await observer?.stop();
      await api[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function folded(events: readonly FleetEvent[]): Map<string, FleetRobot> {
  const robots = new Map<string, FleetRobot>();
  for (const event of events) {
    if (event.type === 'run') continue;
    if (event.type === 'fleet') robots.clear();
    else for (const name of event.removed) robots.delete(name);
    const told = event.type === 'fleet' ? event.fleet.robots : event.robots;
    for (const robot of told) robots.set(robot.robot, robot);
  }
  return robots;
}

export type ConsoleRig = Awaited<ReturnType<typeof consoleRig>>;
