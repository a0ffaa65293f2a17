import { uptime } from 'node:os';
import { Conductor, noProber } from '@rovi/conductor';
import {
  MemoryMarkStore,
  MemorySupervisionStore,
  noCatalogFile,
  RobotModel,
} from '@rovi/conductor/robot-model';
import type { AuditEntry, FaceStatus, FleetOperator } from '@rovi/contract';
import { catalogSchema, fleetSettingsSchema, mqttSchema } from '@rovi/contract';
import { FleetMember } from '@rovi/mqtt';
import { until } from '../mqtt/broker.js';
import { RealTime } from '../mqtt/rig.js';

const STACKS = ['teleop', 'nav'];

export interface MemberOptions {
  readonly broker: string;
  readonly robot: string;
  readonly operators: readonly FleetOperator[];
  readonly heartbeat?: number;
  /** What is waited for; default `on`. */
  readonly until?: 'on' | 'failing';
  /** At the broker. */
  readonly account?: { readonly username: string; readonly password_file: string };
}

/** A robot's member of a fleet over the real conductor, over the model of a robot. */
export async function memberRig({
  broker,
  robot,
  operators,
  heartbeat = 5,
  account,
  until: wanted = 'on',
}: MemberOptions) {
  const catalog = catalogSchema.parse({
    version: 1,
    robot,
    workspace: '/home/rovi/ws',
    env_file: '/home/rovi/env',
    stacks: Object.fromEntries(
      STACKS.map((name) => [
        name,
        {
          description: name,
          launch: { package: 'rovi_bringup', file: 'rovi.launch.py' },
          processes: [`${name}_node`],
          timeouts: { start: 2, stop: 5, settle: 0 },
          start_limit: { interval: 10, burst: 1000 },
        },
      ]),
    ),
  });
  const model = new RobotModel(
    new RealTime(),
    Object.fromEntries(STACKS.map((name) => [`rovi-${name}.service`, [`${name}_node`]])),
    50,
  );
  const audit: AuditEntry[] = [];
  const record = (entry: AuditEntry): void => void audit.push(entry);
  const conductor = new Conductor({
    policy: catalog,
    catalog: noCatalogFile,
    prober: noProber,
    maintenanceMarks: new MemoryMarkStore(),
    stoppedMarks: new MemoryMarkStore(),
    supervision: new MemorySupervisionStore(),
    version: 'test',
    units: model,
    lock: model,
    journal: model,
    audit: { record },
    clock: model.clock,
    environment: {},
    onListenerFault: (error) => {
      throw error;
    },
  });
  await conductor.start();
  let taken = operators;
  const member = new FleetMember({
    conductor,
    tickets: {
      estop: () => Promise.reject(new Error('the model has no tickets')),
    },
    audit: { record },
    entry: mqttSchema.parse({ broker, ...account }),
    fleet: fleetSettingsSchema.parse({ operators, heartbeat }),
    operators: () => taken,
    clocks: {
      monotonic: () => performance.now(),
      uptime: () => uptime() * 1_000,
      wall: () => Date.now(),
    },
    logger: { info: () => undefined, warn: () => undefined },
  });
  member.start();
  const status = (): FaceStatus | undefined =>
    conductor.snapshot().faces.find(({ name }) => name === 'fleet');
  await until(`the member to be ${wanted}`, () => status()?.state === wanted, 30_000);
  return {
    conductor,
    member,
    audit,
    status,
    /** From now on it takes the commands of these. */
    takesCommandsOf: (others: readonly FleetOperator[]) => {
      taken = others;
    },
    active: () => conductor.snapshot().active,
    async [Symbol.asyncDispose]() {
      await member.stop('the test is over');
      await conductor.stop();
    },
  };
}
