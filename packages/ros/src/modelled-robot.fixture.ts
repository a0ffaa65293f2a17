import { Conductor, noProber } from '@rovi/conductor';
import {
  noCatalogFile,
  MemoryMarkStore,
  MemorySupervisionStore,
  RobotModel,
  VirtualClock,
} from '@rovi/conductor/robot-model';
import { rosSchema, stackSchema, streamsSchema } from '@rovi/contract';
import type { FacePolicy } from './face-spec.js';

/** The stacks of the modelled robot; each expects one process, `<name>_node`. */
export const modelledStacks = ['teleop', 'mapping', 'nav'] as const;

/** A real conductor over the model of a robot, changed before it starts, on virtual time. For tests only. */
export async function modelledRobot(change: (model: RobotModel) => void = () => undefined) {
  const clock = new VirtualClock();
  /** What listeners of its events threw. */
  const faults: unknown[] = [];
  const stacks = Object.fromEntries(
    modelledStacks.map((name) => [
      name,
      stackSchema.parse({
        description: name,
        launch: { package: 'rovi_bringup', file: 'rovi.launch.py' },
        processes: [`${name}_node`],
        timeouts: { start: 2, stop: 20 },
      }),
    ]),
  );
  const policy: FacePolicy = {
    robot: 'rovi',
    stacks,
    ros: rosSchema.parse({}),
    streams: streamsSchema.parse({}),
  };
  const model = new RobotModel(
    clock,
    Object.fromEntries(modelledStacks.map((name) => [`rovi-${name}.service`, [`${name}_node`]])),
    5000,
  );
  change(model);
  const conductor = new Conductor({
    policy: { ...policy, services: {}, lock_wait: 5 },
    version: 'test',
    catalog: noCatalogFile,
    units: model,
    lock: model,
    journal: model,
    audit: { record: () => undefined },
    clock,
    prober: noProber,
    environment: {},
    maintenanceMarks: new MemoryMarkStore(),
    stoppedMarks: new MemoryMarkStore(),
    supervision: new MemorySupervisionStore(),
    onListenerFault: (error) => faults.push(error),
  });
  await conductor.start();
  return { clock, model, conductor, policy, faults };
}
