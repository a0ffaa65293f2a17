import { dependenciesOf, RoviError, startWaves } from '@rovi/contract';
import type { OperationRecord } from '../operation-record.js';
import { stopFailure } from '../operation-errors.js';
import type { InstanceReadiness } from './instance-readiness.js';
import type { InstanceRun, InstanceSteps } from './instance-steps.js';
import type { InstanceFacts, ServiceObserver } from './service-observer.js';
import { isUpNow } from './service-plan.js';
import type { ServicePlan } from './service-plan.js';

export interface WaveStartOptions {
  readonly observer: ServiceObserver;
  readonly steps: InstanceSteps;
  readonly readiness: InstanceReadiness;
  readonly record: OperationRecord;
  readonly plan: Pick<ServicePlan, 'starts' | 'goals' | 'ends'>;
  /** Those that have not been stopped, and are to be restarted. */
  readonly again: readonly InstanceFacts[];
}

/** Why a service is not there for those who need it: its own failure, or that of one that it needs. */
interface Failure {
  readonly service: string;
  readonly error: RoviError;
}

/** Nothing needs it any more. */
class Needless extends Error {}

/** What it requires was ready, and has ended. */
class Lost extends Error {
  constructor(readonly run: InstanceRun) {
    super('lost');
  }
}

/**
 * Brings up services: each unit is sent as soon as all that its service needs is ready, independent ones at the same
 * time. After a failure nothing is sent that only what has failed would have needed; what has begun is awaited.
 */
export class WaveStart {
  readonly #options: WaveStartOptions;
  readonly #failures = new Map<string, Failure>();
  readonly #begun: InstanceRun[] = [];
  readonly #found: InstanceRun[] = [];
  #sent = 0;

  constructor(options: WaveStartOptions) {
    this.#options = options;
  }

  /** Resolves with the number of units that were sent a start, when all goals are ready. The first sends are made in this very turn. */
  async run(): Promise<number> {
    const { observer, plan } = this.#options;
    const { services } = observer;
    const nodes = new Map<string, Promise<void>>();
    const order = startWaves(services, plan.starts.keys(), (name) => services[name]?.priority ?? 0).flat();
    for (const name of order) {
      const entry = observer.entry(name);
      const needed = [...entry.requires, ...entry.wants].flatMap((each) => nodes.get(each) ?? []);
      nodes.set(name, this.#bring(name, needed));
    }
    await Promise.all(nodes.values());
    this.#throwFailures();
    await this.#requireLasting();
    return this.#sent;
  }

  /** Never rejects: what went wrong is among the failures. */
  async #bring(service: string, needed: readonly Promise<void>[]): Promise<void> {
    if (needed.length > 0) await Promise.all(needed);
    const { observer, plan, record } = this.#options;
    const { requires, wants } = observer.entry(service);
    const lacks = requires.map((name) => this.#failures.get(name)).find((failure) => failure !== undefined);
    if (lacks !== undefined) {
      this.#failures.set(service, { service: lacks.service, error: dependencyFailed(service, lacks) });
      return;
    }
    for (const name of wants) {
      const failure = this.#failures.get(name);
      if (failure !== undefined)
        record.warn(`${name}, which ${service} wants, is not there: ${failure.error.message}`);
    }
    const ids = plan.starts.get(service) ?? [];
    const ends = await Promise.allSettled(ids.map((id) => this.#instance(service, id)));
    const thrown = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    const faults = thrown.filter((one) => !(one instanceof Needless));
    if (faults.length > 0) this.#failures.set(service, { service, error: stopFailure(faults) });
  }

  async #instance(service: string, id: number): Promise<void> {
    const { observer, plan, readiness } = this.#options;
    const facts = observer.instance(service, id);
    const ended = plan.ends.some(({ unit }) => unit === facts.unit);
    const runs = !ended && isUpNow(facts);
    const run = runs
      ? { facts, invocation: facts.knowledge?.reading.invocationId ?? null }
      : await this.#send(facts);
    await readiness.reach(run);
    (runs ? this.#found : this.#begun).push(run);
  }

  async #send(facts: InstanceFacts): Promise<InstanceRun> {
    const { readiness, steps, again } = this.#options;
    const beforeSend = (): void => {
      this.#requireNeeded(facts.service);
      this.#sent += 1;
    };
    try {
      const runs = again.some(({ unit }) => unit === facts.unit);
      return await (runs ? steps.restart(facts, beforeSend) : steps.start(facts, beforeSend));
    } catch (thrown) {
      if (!(thrown instanceof Lost)) throw thrown;
      const { service, unit } = thrown.run.facts;
      const error =
        (await readiness.endOf(thrown.run)) ??
        new RoviError('start-failed', `${unit} was not seen to run when ${facts.unit} was to start`, {
          mend: 'Try again in a moment.',
          context: { service, unit },
        });
      throw dependencyFailed(facts.service, { service, error });
    }
  }

  /** Throws where nothing needs it any more, or what it requires was ready and is no longer there. */
  #requireNeeded(service: string): void {
    if (!this.#isNeeded(service)) throw new Needless();
    const { observer } = this.#options;
    const { requires } = observer.entry(service);
    for (const { facts, invocation } of [...this.#begun, ...this.#found]) {
      if (!requires.includes(facts.service)) continue;
      const now = observer.instance(facts.service, facts.id);
      if (isUpNow(now) && now.knowledge?.reading.invocationId === invocation) continue;
      throw new Lost({ facts, invocation });
    }
  }

  /** True while a goal that can still be reached is this service, or needs it. */
  #isNeeded(service: string, seen = new Map<string, boolean>()): boolean {
    if (this.#failures.size === 0) return true;
    const known = seen.get(service);
    if (known !== undefined) return known;
    const { observer, plan } = this.#options;
    const needing = (): boolean =>
      [...plan.starts.keys()].some((name) => {
        const { requires, wants } = observer.entry(name);
        return (requires.includes(service) || wants.includes(service)) && this.#isNeeded(name, seen);
      });
    const needed = !this.#isDoomed(service) && (plan.goals.has(service) || needing());
    seen.set(service, needed);
    return needed;
  }

  /** True where it has failed, or requires what has. */
  #isDoomed(service: string, seen = new Set<string>()): boolean {
    if (this.#failures.has(service)) return true;
    if (seen.has(service)) return false;
    seen.add(service);
    return this.#options.observer.entry(service).requires.some((name) => this.#isDoomed(name, seen));
  }

  /** Watches what was begun, and throws where a goal, or what one requires, is not there any more. */
  async #requireLasting(): Promise<void> {
    const { observer, plan, readiness, record } = this.#options;
    const gone = new Set<string>();
    const left = (runs: readonly InstanceRun[]): InstanceRun[] =>
      runs.filter(({ facts }) => !gone.has(facts.service));
    for (;;) {
      const end = await readiness.last(left(this.#begun), left(this.#found)).then(
        () => null,
        (thrown: unknown) => RoviError.from(thrown),
      );
      if (end === null) return;
      const service = String(end.context['service']);
      const goal = [...plan.goals].find((name) =>
        dependenciesOf(observer.services, name, 'requires').has(service),
      );
      if (plan.goals.has(service) || !plan.starts.has(service) || gone.has(service)) throw end;
      if (goal !== undefined) {
        throw dependencyFailed(
          goal,
          { service, error: end },
          `${goal} was started, but ${service}, which it needs, is gone`,
        );
      }
      gone.add(service);
      record.warn(`${service}, which was only wanted, did not last: ${end.message}`);
    }
  }

  #throwFailures(): void {
    const failed = [...this.#options.plan.goals].flatMap((name) => this.#failures.get(name) ?? []);
    const own = failed.filter(({ error }) => error.code !== 'dependency-failed');
    const told = own.length > 0 ? own : failed;
    if (told.length > 0) throw stopFailure(told.map(({ error }) => error));
  }
}

function dependencyFailed(
  service: string,
  { service: dependency, error }: Failure,
  text = `${service} was not started, for it needs ${dependency}`,
): RoviError {
  const cause = error.code === 'dependency-failed' && error.cause instanceof RoviError ? error.cause : error;
  return new RoviError('dependency-failed', `${text}: ${cause.message}`, {
    mend: cause.mend,
    context: { service, dependency, problem: cause.toProblem() },
    cause,
  });
}
