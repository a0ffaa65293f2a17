import { Conductor, noProber } from '@rovi/conductor';
import type { ConductorApi } from '@rovi/conductor';
import {
  MemoryMarkStore,
  MemorySupervisionStore,
  noCatalogFile,
  RobotModel,
  VirtualClock,
} from '@rovi/conductor/robot-model';
import type { ExternalService, FaceStatus, Incident, MqttEntry, RoviEvent } from '@rovi/contract';
import { catalogSchema, mqttSchema } from '@rovi/contract';
import { MqttFace, TopicAges } from '@rovi/mqtt';
import { until } from './broker.js';

/** The model's clock on real time. */
export class RealTime extends VirtualClock {
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

const launch = { package: 'rovi_bringup', file: 'rovi.launch.py' };
export const STACKS = ['teleop', 'nav'];

/** A catalog with two stacks and two services. */
export const CATALOG = catalogSchema.parse({
  version: 1,
  robot: 'testbed',
  workspace: '/home/rovi/ws',
  env_file: '/home/rovi/env',
  stacks: Object.fromEntries(
    STACKS.map((name) => [
      name,
      {
        description: name,
        launch,
        processes: [`${name}_node`],
        timeouts: { start: 2, stop: 5, settle: 0 },
        start_limit: { interval: 10, burst: 1000 },
      },
    ]),
  ),
  services: {
    camera: { description: 'Camera', command: ['/usr/bin/camera'] },
    lidar: { description: 'Lidar', command: ['/usr/bin/lidar'] },
  },
});

/**
 * The MQTT face over the real conductor, over the model of a robot; what only a robot with services has to tell, the test
 * tells in its place. `started` false: the test starts the face.
 */
export async function mqttRig(entry: Partial<MqttEntry> & { broker: string }, started = true) {
  const model = new RobotModel(
    new RealTime(),
    Object.fromEntries(STACKS.map((name) => [`rovi-${name}.service`, [`${name}_node`]])),
    50,
  );
  const conductor = new Conductor({
    policy: CATALOG,
    catalog: noCatalogFile,
    prober: noProber,
    maintenanceMarks: new MemoryMarkStore(),
    stoppedMarks: new MemoryMarkStore(),
    supervision: new MemorySupervisionStore(),
    version: 'test',
    units: model,
    lock: model,
    journal: model,
    audit: { record: () => undefined },
    clock: model.clock,
    environment: {},
    onListenerFault: (error) => {
      throw error;
    },
  });
  const listeners = new Set<(event: RoviEvent) => void>();
  const external: (readonly ExternalService[])[] = [];
  const faces: FaceStatus[] = [];
  const api = new Proxy<ConductorApi>(conductor, {
    get(target, key) {
      if (key === 'subscribe') {
        return (listener: (event: RoviEvent) => void) => {
          const end = target.subscribe(listener);
          listeners.add(listener);
          return () => {
            listeners.delete(listener);
            end();
          };
        };
      }
      if (key === 'reportExternal') {
        return (services: readonly ExternalService[]) => {
          external.push(services);
          target.reportExternal(services);
        };
      }
      if (key === 'reportFace') {
        return (face: FaceStatus) => {
          faces.push(face);
          target.reportFace(face);
        };
      }
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const lines: { level: string; fields: object; message: string }[] = [];
  const link = new TopicAges();
  const face = new MqttFace({
    conductor: api,
    link,
    entry: mqttSchema.parse(entry),
    logger: {
      info: (fields, message) => lines.push({ level: 'info', fields, message }),
      warn: (fields, message) => lines.push({ level: 'warn', fields, message }),
    },
  });
  let told = 1_000_000;
  await conductor.start();
  if (started) face.start();
  const status = (): FaceStatus | undefined => conductor.snapshot().faces.find(({ name }) => name === 'mqtt');
  return {
    conductor,
    model,
    face,
    link,
    faces,
    lines,
    external,
    status,
    /** Tells the face of an incident, as the conductor does. */
    tell: (incident: Partial<Incident> & Pick<Incident, 'type'>, at = new Date().toISOString()) => {
      told += 1;
      const whole = { service: 'camera', instance: 1, text: `number ${String(told)}`, data: {}, ...incident };
      for (const listener of listeners) listener({ type: 'incident', seq: told, at, incident: whole });
    },
    /** Hands an event to the face as it is. */
    hand: (event: RoviEvent) => {
      for (const listener of listeners) listener(event);
    },
    command: (kind: 'start' | 'stop', stack: string) =>
      conductor.command({
        kind,
        stack,
        actor: { name: 'tester', face: 'cli', verified: false },
        origin: { transport: 'unix', peer: null, via: 'socket', role: 'operator' },
        reason: '',
      }).finished,
    waitFor: async (state: FaceStatus['state'], text = /^/, deadlineMs = 20_000) => {
      await until(
        `face ${state} ${String(text)}`,
        () => status()?.state === state && text.test(status()?.text ?? ''),
        deadlineMs,
      ).catch((error: unknown) => {
        throw new Error(`${String(error)}; is ${JSON.stringify(status())}`, { cause: error });
      });
      return status()!;
    },
    [Symbol.asyncDispose]: async () => {
      await face.stop('the test is over');
      await conductor.stop();
    },
  };
}
