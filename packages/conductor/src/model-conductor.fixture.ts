import type { AuditEntry, Operation, StackCommandKind, Origin } from '@rovi/contract';
import { stackSchema } from '@rovi/contract';
import { Conductor } from './conductor.js';
import { noProber } from './services/no-prober.js';
import {
  noCatalogFile,
  MemoryMarkStore,
  MemorySupervisionStore,
  RobotModel,
  VirtualClock,
} from './robot-model.js';

const actor = { name: 'tester', face: 'cli', verified: false } as const;
const origin: Origin = { transport: 'unix', peer: null, via: 'socket', role: 'operator' };
const launch = { package: 'rovi_bringup', file: 'rovi.launch.py' };

/**
 * A conductor on a robot in memory. Each of its stacks expects one process, `<name>_node`, unless `processes` is false;
 * `settle` is the catalog's, in seconds.
 */
export async function modelConductor(
  names: readonly string[],
  { settle, processes = true }: { settle?: number; processes?: boolean } = {},
) {
  const clock = new VirtualClock();
  /** What `onListenerFault` was told. */
  const faults: unknown[] = [];
  /** What was written down of commands. */
  const audit: AuditEntry[] = [];
  const maintenanceMarks = new MemoryMarkStore();
  const timeouts = { start: 2, stop: 20, ...(settle === undefined ? {} : { settle }) };
  const expected = (name: string) => (processes ? [`${name}_node`] : []);
  const stacks = Object.fromEntries(
    names.map((name) => [
      name,
      stackSchema.parse({ description: name, launch, processes: expected(name), timeouts }),
    ]),
  );
  const model = new RobotModel(
    clock,
    Object.fromEntries(names.map((name) => [`rovi-${name}.service`, expected(name)])),
    5000,
  );
  const conductor = new Conductor({
    policy: { robot: 'rovi', stacks, services: {}, lock_wait: 5 },
    version: 'test',
    catalog: noCatalogFile,
    units: model,
    lock: model,
    journal: model,
    audit: { record: (entry) => void audit.push(entry) },
    clock,
    prober: noProber,
    environment: {},
    maintenanceMarks,
    stoppedMarks: new MemoryMarkStore(),
    supervision: new MemorySupervisionStore(),
    onListenerFault: (error) => faults.push(error),
  });
  await conductor.start();
  const run = (kind: StackCommandKind, stack?: string) =>
    conductor.command({ kind, actor, origin, reason: '', ...(stack === undefined ? {} : { stack }) });
  const through = async (kind: StackCommandKind, stack?: string): Promise<Operation> => {
    const { finished } = run(kind, stack);
    await clock.advance(60_000);
    return finished;
  };
  return { clock, model, conductor, run, through, faults, audit, maintenanceMarks };
}
