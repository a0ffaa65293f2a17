import type { ExternalTerms, Incident, Maintenance, Operation, Origin, ServiceEntry } from '@rovi/contract';
import { RoviError, serviceSchema } from '@rovi/contract';
import type { Command, ServiceIntent } from '../ports/conductor-api.js';
import { VirtualClock } from '../robot-model.js';
import { ServiceExecutor } from './service-executor.js';
import { ServiceModel } from './service-model.fixture.js';
import { ServiceObserver } from './service-observer.js';

const actor = { name: 'tester', face: 'cli', verified: false } as const;
const origin: Origin = { transport: 'unix', peer: null, via: 'socket', role: 'operator' };

/** What the catalog says of a service, as far as a test is about it. */
export type Declared = Partial<
  Pick<ServiceEntry, 'requires' | 'wants' | 'conflicts' | 'priority' | 'restart' | 'critical'>
> & {
  /** It is such a unit of the system. */
  readonly external?: ExternalTerms;
  readonly instances?: { readonly min: number; readonly max: number };
  /** False: it has a readiness check. */
  readonly unchecked?: boolean;
};

/** The executor of services on a robot in memory. */
export async function serviceRig(
  declared: Readonly<Record<string, Declared>>,
  { lagMs = 0, marksBroken = false }: { readonly lagMs?: number; readonly marksBroken?: boolean } = {},
) {
  const services = Object.fromEntries(
    Object.entries(declared).map(
      ([name, { unchecked = true, external, ...entry }]): [string, ServiceEntry] => {
        const service = serviceSchema.parse({
          description: name,
          command: ['/bin/true'],
          timeouts: { start: 2, stop: 5 },
          ...entry,
          health: unchecked ? [] : [{ probe: { type: 'process' }, role: 'readiness' }],
        });
        return [name, external === undefined ? service : { ...service, external }];
      },
    ),
  );
  const clock = new VirtualClock();
  const model = new ServiceModel(clock, services, lagMs);
  const observer = new ServiceObserver(services);
  const maintenance = new Map<string, Maintenance>();
  const marks = new Map<string, string>();
  const incidents: Incident[] = [];
  const told: Operation[] = [];
  const written = (work: () => void): Promise<void> =>
    marksBroken ? Promise.reject(new RoviError('state-unwritable', 'no room')) : Promise.resolve(work());
  const executor = new ServiceExecutor({
    bootId: 'boot',
    observer,
    units: model,
    journal: { read: () => Promise.resolve([]) },
    clock,
    readiness: model,
    health: {
      health: () => ({ status: 'none', text: '', since: null, ready: true, checks: [] }),
      history: (name) => ({ name, instances: [] }),
    },
    maintenance: { of: (name) => maintenance.get(name) ?? null, all: [] },
    stoppedMarks: {
      list: () => Promise.resolve(marks),
      set: (name, text) => written(() => marks.set(name, text)),
      clear: (name) => written(() => marks.delete(name)),
    },
    tell: (operation) => told.push(operation),
    tellIncident: (incident) => incidents.push(incident),
  });
  observer.subscribe((change) => executor.instanceChanged(change));
  await model.start(observer.units, observer.observe);
  const run = (intent: ServiceIntent & Pick<Command, 'confirm'>) =>
    executor.command({ ...intent, actor, origin, reason: '' });
  const ended = async (finished: Promise<Operation>): Promise<Operation> => {
    await clock.advance(120_000);
    return finished;
  };
  const through = (intent: ServiceIntent & Pick<Command, 'confirm'>) => ended(run(intent).finished);
  /** Confirmed for what it would hit now. */
  const confirmed = (intent: ServiceIntent) => through({ ...intent, confirm: executor.impact(intent).token });
  return {
    services,
    clock,
    model,
    observer,
    executor,
    maintenance,
    marks,
    incidents,
    told,
    run,
    ended,
    through,
    confirmed,
  };
}

/** The code of the RoviError that the work throws; `no error` where it throws none. */
export function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof RoviError) return error.code;
    throw error;
  }
  return 'no error';
}
