import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation, Origin } from '@rovi/contract';
import { catalogSchema, PATHS, RoviError } from '@rovi/contract';
import { Conductor } from '@rovi/conductor';
import type { Clock, Command, ServiceIntent } from '@rovi/conductor';
import { dependencyProbe, ProbeRegistry, processProbe } from '@rovi/probes';
import { FileMarkStore, JsonSupervisionStore } from '@rovi/store';
import { DbusUnitManager, FlockStackLock, JournalctlJournal, silentLogger } from '@rovi/systemd';
import type { Robot } from '@rovi/testbed';

const actor = { name: 'story', face: 'conductor', verified: false } as const;
const origin: Origin = { transport: 'unix', peer: null, via: 'socket', role: 'operator' };

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, signal === undefined ? {} : { signal }).catch((error: unknown) => {
      throw signal?.aborted === true ? signal.reason : error;
    });
  },
};

/** A conductor of the test's own on a robot's bus, beside the gateway: it runs on the host, as root. */
export async function conductorOn(robot: Robot, text: object) {
  const catalog = catalogSchema.parse(text);
  const folder = await mkdtemp('/tmp/rovi-story-');
  const journalctl = join(folder, 'journalctl');
  await writeFile(
    journalctl,
    `#!/bin/sh\nexec nsenter --target ${robot.leader} --mount -- journalctl "$@"\n`,
  );
  await chmod(journalctl, 0o755);
  const state = (name: string): string => robot.path(`${PATHS.state}/${name}`);
  const conductor = new Conductor({
    policy: catalog,
    catalog: {
      first: catalog,
      read: () => Promise.reject(new Error('not read')),
      changedFiles: () => Promise.resolve([]),
    },
    version: 'story',
    units: new DbusUnitManager({
      logger: silentLogger,
      busAddress: robot.systemBusAddress,
      cgroupRoot: robot.path('/sys/fs/cgroup'),
    }),
    lock: new FlockStackLock({ path: robot.path(PATHS.lock) }),
    journal: new JournalctlJournal(journalctl),
    audit: { record: () => undefined },
    clock,
    prober: new ProbeRegistry().add(processProbe).add(dependencyProbe),
    maintenanceMarks: new FileMarkStore(state('maintenance')),
    stoppedMarks: new FileMarkStore(state('stopped')),
    supervision: new JsonSupervisionStore(state('story.json'), silentLogger),
    environment: {},
    onListenerFault: (error) => {
      throw error;
    },
  });
  await conductor.start();
  const command = (intent: ServiceIntent & Pick<Command, 'confirm'>) =>
    conductor.command({ ...intent, actor, origin, reason: '' });
  return {
    conductor,
    stop: async (): Promise<void> => {
      await conductor.stop();
      await rm(folder, { recursive: true, force: true });
    },
    command,
    through: (intent: ServiceIntent & Pick<Command, 'confirm'>): Promise<Operation> =>
      command(intent).finished,
    confirmed: (intent: ServiceIntent): Promise<Operation> =>
      command({ ...intent, confirm: conductor.serviceImpact(intent).token }).finished,
  };
}

/** The code of the RoviError that the work throws. */
export function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof RoviError) return error.code;
    throw error;
  }
  throw new Error('nothing was refused');
}
