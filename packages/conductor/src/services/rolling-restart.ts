import { RoviError } from '@rovi/contract';
import { inMaintenance } from '../maintenance-refusal.js';
import { isUp } from '../start-failure.js';
import type { InstanceReadiness } from './instance-readiness.js';
import type { InstanceRun, InstanceSteps } from './instance-steps.js';
import type { InstanceFacts, ServiceObserver } from './service-observer.js';
import type { MaintenanceView } from './service-parts.js';
import type { ServicePlan } from './service-plan.js';

export interface RollingOptions {
  readonly observer: ServiceObserver;
  readonly maintenance: MaintenanceView;
  readonly steps: InstanceSteps;
  readonly readiness: InstanceReadiness;
  readonly signal: AbortSignal;
  readonly plan: Pick<ServicePlan, 'stops' | 'ends'>;
}

/**
 * Restarts one instance after the other: each has ended, started and is ready before the next is touched. Ends with
 * `rolling-stopped` at the first that fails, or where another instance has gone or a maintenance has begun meanwhile.
 */
export async function rollingRestart(options: RollingOptions): Promise<void> {
  const { observer, readiness, signal, plan } = options;
  const done: number[] = [];
  for (const [index, { service, id }] of plan.stops.entries()) {
    const facts = observer.instance(service, id);
    let at = facts;
    let untouched = plan.stops.slice(index);
    try {
      const gone = await goneBeside(facts, options);
      if (gone !== null) {
        at = gone;
        throw new RoviError('start-failed', `${gone.unit} does not run`, {
          mend: `Read the log: \`rovictl logs ${service}\`.`,
        });
      }
      const maintenance = options.maintenance.of(service);
      if (maintenance !== null) throw inMaintenance(service, maintenance);
      untouched = plan.stops.slice(index + 1);
      const run = await again(facts, options);
      await readiness.reach(run);
      // Also with checks: what dies right after it was ready must not have another taken down beside it.
      await readiness.settle(run);
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      throw rollingStopped({
        facts: at,
        done,
        untouched: untouched.map((one) => one.id),
        cause: RoviError.from(thrown),
      });
    }
    done.push(id);
  }
}

/** The first of the other instances that does not run, by systemd's own word; null where all do. */
async function goneBeside(
  { unit }: InstanceFacts,
  { steps, plan }: RollingOptions,
): Promise<InstanceFacts | null> {
  const others = plan.stops.filter((other) => other.unit !== unit);
  const readings = await steps.readings(others.map((other) => other.unit));
  return others.find((_, index) => !readings.slice(index, index + 1).some(isUp)) ?? null;
}

async function again(facts: InstanceFacts, { steps, plan }: RollingOptions): Promise<InstanceRun> {
  const dependents = plan.ends.filter((one) => one.service !== facts.service);
  if (dependents.length === 0) return steps.restart(facts, () => undefined);
  // What requires the service ends with the first that it needs, and is not to come back before all are through.
  await steps.stop([facts], [...dependents, facts]);
  return steps.start(facts, () => undefined);
}

function rollingStopped(found: {
  readonly facts: InstanceFacts;
  readonly done: readonly number[];
  readonly untouched: readonly number[];
  readonly cause: RoviError;
}): RoviError {
  const { facts, done, untouched, cause } = found;
  const listed = (ids: readonly number[]): string => (ids.length === 0 ? 'none' : ids.join(', '));
  return new RoviError(
    'rolling-stopped',
    `ended at instance ${facts.id}: ${cause.message}; restarted: ${listed(done)}; not touched: ${listed(untouched)}`,
    {
      mend: cause.mend,
      context: { service: facts.service, failed: facts.id, done, untouched, problem: cause.toProblem() },
      cause,
    },
  );
}
