import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RoviClient } from '@rovi/client';
import type { FleetConsole } from '@rovi/conductor';
import { httpSchema } from '@rovi/contract';
import type { FleetObserver } from '@rovi/mqtt';
import { freePort } from '../free-port.js';
import { SERVICES } from '../api/sample-services.js';
import { rig } from '../api/rig.js';
import { keyFile, observerOf } from '../fleet/console-rig.js';
import { HandRobot, obedient } from '../fleet/hand-robot.js';
import { Broker, until } from '../mqtt/broker.js';

/** A rig that also listens at a port of this machine and has a page of a few files; with `fleet` it observes one, of the robot alpha. */
export async function servingRig({ fleet = false }: { fleet?: boolean } = {}) {
  const webFolder = await mkdtemp('/tmp/rovi-page-');
  await mkdir(join(webFolder, 'assets'));
  await writeFile(join(webFolder, 'index.html'), '<!doctype html><title>a page</title>');
  await writeFile(join(webFolder, 'assets/page-1a2b.js'), 'export {};');
  await writeFile(join(webFolder, 'assets/page-1a2b.css'), 'body { margin: 0 }');
  await writeFile(join(webFolder, 'assets/page-1a2b.txt'), 'a'.repeat(5_000));
  const port = await freePort();
  const tcp = httpSchema.parse({ listen: [{ address: '127.0.0.1', port }] });
  const more = { webFolder, tcp, services: SERVICES };
  const office = fleet ? await fleetOf(webFolder) : null;
  const robot = await rig({}, { ...more, ...(office === null ? {} : { fleet: office.console }) });
  await office?.join(robot.client);
  return {
    ...robot,
    port,
    webFolder,
    [Symbol.asyncDispose]: async () => {
      await office?.end();
      await robot[Symbol.asyncDispose]();
      await rm(webFolder, { recursive: true, force: true });
    },
  };
}

/** A broker, and on it one robot that does what it is told. */
async function fleetOf(folder: string) {
  const broker = await Broker.start();
  let observer: FleetObserver | undefined;
  let alpha: HandRobot | undefined;
  return {
    console: (parts: Parameters<typeof observerOf>[1]): FleetConsole =>
      (observer = observerOf(broker.url, parts, { key_file: join(folder, 'fleet.key') })),
    join: async (client: RoviClient) => {
      await keyFile(folder);
      observer?.start();
      alpha = await new HandRobot(broker.url, 'alpha', {
        manner: async (requested, hand) => {
          if (requested.request.kind !== 'look') return obedient(requested, hand);
          await hand.say(requested, { kind: 'look', snapshot: { ...(await client.state()) } });
        },
      }).up();
      await until('the fleet to be there', async () =>
        (await client.fleet.status()).robots.some(({ presence }) => presence === 'online'),
      );
    },
    end: async () => {
      await observer?.stop();
      await alpha?.cut();
      await broker[Symbol.asyncDispose]();
    },
  };
}

export type ServingRig = Awaited<ReturnType<typeof servingRig>>;
