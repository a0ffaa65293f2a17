import type { Impact, Incident, Operation } from '@rovi/contract';
import { dependentsOf, RoviError } from '@rovi/contract';
import { changedSince } from '../changed-since.js';
import { OperationRecord } from '../operation-record.js';
import type { Command, ServiceIntent } from '../ports/conductor-api.js';
import type { MarkStore } from '../ports/mark-store.js';
import { isAtRest } from '../stack-status.js';
import { concernedBy, intentOf, repeats } from './service-command.js';
import { InstanceReadiness } from './instance-readiness.js';
import type { ReadinessPorts } from './instance-readiness.js';
import { InstanceSteps } from './instance-steps.js';
import type { InstanceChange, InstanceFacts } from './service-observer.js';
import { rollingRestart } from './rolling-restart.js';
import { impactOfService } from './service-impact.js';
import type { MaintenanceView, ScaleView } from './service-parts.js';
import { isRestless, planOf } from './service-plan.js';
import type { ServicePlan } from './service-plan.js';
import { serviceBusy, unconfirmed, unknownStates } from './service-refusals.js';
import { StoppedMarks } from './stopped-marks.js';
import { WaveStart } from './wave-start.js';

export interface ServiceExecutorOptions extends ReadinessPorts {
  readonly bootId: string;
  readonly maintenance: MaintenanceView;
  readonly stoppedMarks: MarkStore;
  readonly tell: (operation: Operation) => void;
  readonly tellIncident: (incident: Incident) => void;
}

interface Running {
  readonly record: OperationRecord;
  readonly command: Command;
  /** Services that this operation may change. */
  readonly touches: ReadonlySet<string>;
  readonly abort: AbortController;
  readonly finished: Promise<Operation>;
}

interface Tools {
  readonly record: OperationRecord;
  readonly steps: InstanceSteps;
  readonly readiness: InstanceReadiness;
  readonly signal: AbortSignal;
}

export interface Begun {
  readonly operation: Operation;
  /** The final record; never rejects. */
  readonly finished: Promise<Operation>;
}

/**
 * The conductor's hand for services. Operations that change different services run beside one another; a stop is never
 * refused for being second: it cancels what has its service in hand, and is sent to systemd in the same turn.
 */
export class ServiceExecutor implements ScaleView {
  readonly #options: ServiceExecutorOptions;
  readonly #marks: StoppedMarks;
  readonly #running = new Set<Running>();
  readonly #scaled = new Map<string, number>();

  constructor(options: ServiceExecutorOptions) {
    this.#options = options;
    this.#marks = new StoppedMarks(options.stoppedMarks);
  }

  /** The operations under way, oldest first. */
  get operations(): Operation[] {
    const all = [...this.#running].map(({ record }) => record.operation);
    return all.filter(({ outcome }) => outcome === 'running');
  }

  /** The operation that has the service in hand, the latest where a stop took it from another; null where none has. */
  operationOn(service: string): Operation | null {
    const found = [...this.#running].findLast(({ touches }) => touches.has(service));
    return found?.record.operation ?? null;
  }

  /** How many instances are meant to run: as scaled since it was last stopped, else as many as do, but at least `min`. */
  wanted(service: string): number {
    const { observer } = this.#options;
    const { min, max } = observer.entry(service).instances;
    const runs = (): number =>
      observer.instances(service).filter(({ knowledge }) => knowledge !== null && !isAtRest(knowledge))
        .length;
    return Math.min(max, Math.max(min, this.#scaled.get(service) ?? runs()));
  }

  /** Takes in what was told of an instance: a service that has been stopped as a whole, by whomever, is no longer scaled. */
  instanceChanged({ now: { service } }: InstanceChange): void {
    if (!this.#scaled.has(service)) return;
    const rests = (facts: InstanceFacts): boolean =>
      !isRestless(facts) && facts.knowledge?.reading.activeState === 'inactive';
    const kept = [...this.#running].some(
      ({ command, touches }) => command.kind !== 'stop' && touches.has(service),
    );
    if (!kept && this.#options.observer.instances(service).every(rests)) this.#scaled.delete(service);
  }

  /** What a command would hit now. Throws `service-unknown`, `scale-refused` or `bus-unavailable`. */
  impact(intent: ServiceIntent): Impact {
    this.#requireKnown(intent);
    const { bootId, clock, observer, maintenance } = this.#options;
    const stops = intent.kind === 'stop';
    const other = stops ? null : this.#busyWith(intent);
    return impactOfService(intent, {
      bootId,
      at: new Date(clock.now()).toISOString(),
      observer,
      maintenance,
      cancels: stops ? this.#cancelledBy(intent.service).map(({ record }) => record.operation) : [],
      stopping: new Set(
        [...this.#running].flatMap(({ command, touches }) => (command.kind === 'stop' ? [...touches] : [])),
      ),
      busy: other && {
        operation: other.running.record.operation,
        shared: other.shared,
        joins: repeats(other.running.command, intent),
      },
    });
  }

  /**
   * Begins the command or throws why not: `service-busy`, `service-conflict`, `in-maintenance`, `scale-refused`,
   * `confirmation-required`, `situation-changed`, `service-unknown`, `bus-unavailable`; of external units also
   * `command-not-allowed`, `unit-missing`, `unit-masked`. Asking again for what is already
   * under way joins it.
   */
  command(command: Command): Begun {
    const intent = intentOf(command);
    this.#requireKnown(intent);
    if (intent.kind === 'stop') return this.#stop(command, intent);
    const other = this.#busyWith(intent);
    if (other !== null) {
      const { running, shared } = other;
      const joins = command.confirm === undefined || command.confirm === running.command.confirm;
      if (joins && repeats(running.command, intent)) return begun(running);
      throw serviceBusy(running.record.operation, shared);
    }
    const plan = planOf(intent, this.#options);
    this.#requireConfirmed(command, intent);
    return begun(
      this.#run(command, plan.touches, (tools) => {
        for (const warning of plan.warnings) tools.record.warn(warning);
        return this.#carryOut(intent, plan, tools);
      }),
    );
  }

  /** Aborts whatever runs without touching a unit, and resolves when all of it has ended. For the daemon's own end. */
  async close(): Promise<void> {
    const running = [...this.#running];
    for (const { abort } of running) {
      abort.abort(
        new RoviError('operation-cancelled', 'the conductor is ending; the unit itself goes on', {
          mend: 'Look at the state when it is back (`rovictl status`), then decide.',
        }),
      );
    }
    await Promise.all(running.map(({ finished }) => finished));
  }

  #stop(command: Command, intent: ServiceIntent): Begun {
    const { observer } = this.#options;
    const { service } = intent;
    this.#requireConfirmed(command, intent);
    const plan = planOf(intent, this.#options);
    const cancelled = this.#cancelledBy(service);
    const all = observer.instances(service);
    // What a cancelled operation was about to start on top of this may be on the bus without a signal having told of it.
    const dependents = dependentsOf(observer.services, service);
    const inHand = cancelled.flatMap(({ touches }) => [...touches].filter((name) => dependents.has(name)));
    const late = [...new Set(inHand)].flatMap((name) => observer.instances(name));
    const ends = [...new Set([...plan.ends, ...late, ...(cancelled.length > 0 ? all : [])])];
    const running = this.#run(command, new Set([...plan.touches, ...inHand]), async (tools) => {
      const { record, steps } = tools;
      // Sent even to what looks at rest: a start may be on the bus that no signal has told of yet.
      const stopped = steps.stop(all, ends);
      const marked = this.#marks.stopped(service, observer.entry(service), record);
      await Promise.all([stopped, marked]);
      await Promise.all(cancelled.map(({ finished }) => finished));
      this.#scaled.delete(service);
      const names = [...new Set(ends.filter(isIn(plan.ends)).map((one) => one.service))];
      if (names.length > 0) return `${names.join(', ')} stopped`;
      record.untouched();
      return `${service} was not running`;
    });
    const { id } = running.record.operation;
    for (const { abort } of cancelled) {
      abort.abort(
        new RoviError('operation-cancelled', `cancelled by stop ${id} of ${command.actor.name}`, {
          mend: 'Start again when it is meant to run.',
          context: { cancelled_by: id },
        }),
      );
    }
    return begun(running);
  }

  async #carryOut(intent: ServiceIntent, plan: ServicePlan, tools: Tools): Promise<string> {
    const { service, kind } = intent;
    switch (kind) {
      case 'start':
        return (await this.#bringUp(plan, tools)) === 0
          ? `${service} was already running`
          : `${service} is ready`;
      case 'scale':
        return this.#scale(intent, plan, tools);
      case 'rolling-restart': {
        if (plan.stops.length === 0) return `${service} was not running: nothing to restart`;
        await rollingRestart({ ...this.#options, ...tools, plan });
        const goals = new Set([...plan.goals].filter((name) => name !== service));
        const starts = new Map([...plan.starts].filter(([name]) => name !== service));
        if (goals.size > 0) await this.#bringUp({ ...plan, starts, goals }, tools);
        return `${service}: ${plan.stops.length} instances restarted, one after the other`;
      }
      case 'restart':
        return this.#restart(intent, plan, tools);
      case 'stop':
        throw new RoviError('internal', 'a stop has a way of its own');
    }
  }

  async #restart({ service }: ServiceIntent, plan: ServicePlan, tools: Tools): Promise<string> {
    const { observer } = this.#options;
    if (plan.stops.length === 0) {
      tools.record.warn(`${service} was not running`);
      // Who may restart a unit of the system may not always start it.
      if (observer.entry(service).external !== undefined) {
        await this.#bringUp(plan, tools, observer.instances(service));
        return `${service} restarted`;
      }
    } else if (plan.ends.every((one) => one.service === service)) {
      await this.#bringUp(plan, tools, plan.stops);
      return `${service} restarted`;
    } else await tools.steps.stop(plan.stops, plan.ends);
    const left = [...new Set(plan.ends.map((one) => one.service))].filter((name) => !plan.goals.has(name));
    for (const name of left) this.#scaled.delete(name);
    try {
      await this.#bringUp(plan, tools);
    } catch (thrown) {
      const error = RoviError.from(thrown);
      if (tools.signal.aborted || plan.ends.length === 0) throw error;
      const names = [...new Set(plan.ends.map((one) => one.service))].join(', ');
      throw new RoviError(error.code, `${names} stopped, and not all of it came back: ${error.message}`, {
        mend: error.mend,
        context: { ...error.context },
        cause: error,
      });
    }
    const also = [...plan.goals].filter((name) => name !== service);
    const texts = [`${service} restarted`];
    if (also.length > 0) texts.push(`${also.join(', ')} started again`);
    if (left.length > 0) texts.push(`${left.join(', ')} stopped with it`);
    return texts.join('; ');
  }

  async #scale({ service, instances = 0 }: ServiceIntent, plan: ServicePlan, tools: Tools): Promise<string> {
    const { observer, tellIncident } = this.#options;
    const from = observer.instances(service).filter(isRestless).length;
    this.#scaled.set(service, instances);
    const told = (type: Incident['type'], data: Record<string, unknown>, text: string): string => {
      tellIncident({ type, service, instance: null, text, data: { from, to: instances, ...data } });
      return text;
    };
    if (plan.stops.length > 0) {
      await tools.steps.stop(plan.stops, plan.ends);
      const removed = plan.stops.map(({ id }) => id);
      return told('service_scaled_down', { removed }, `${service} scaled down from ${from} to ${instances}`);
    }
    if (plan.goals.size === 0) return `${service} has ${instances} already`;
    await this.#bringUp(plan, tools);
    const added = plan.starts.get(service) ?? [];
    return told('service_scaled_up', { added }, `${service} scaled up from ${from} to ${instances}`);
  }

  /** Starts what the plan says, and restarts these; answers with how many units were sent a message. */
  async #bringUp(
    plan: Pick<ServicePlan, 'starts' | 'goals' | 'ends'>,
    tools: Tools,
    again: readonly InstanceFacts[] = [],
  ): Promise<number> {
    const { observer } = this.#options;
    const started = new WaveStart({ ...tools, observer, plan, again }).run();
    const names = [...plan.starts.keys()];
    const marked = names.map((name) => this.#marks.started(name, observer.entry(name), tools.record));
    try {
      return await started;
    } finally {
      await Promise.all(marked);
    }
  }

  /** Runs `work` as an operation. Its first step is sent in this very turn; its promise never rejects. */
  #run(command: Command, touches: ReadonlySet<string>, work: (tools: Tools) => Promise<string>): Running {
    const abort = new AbortController();
    const { signal } = abort;
    const record = new OperationRecord(command, null, this.#options.clock, this.#options.tell);
    this.#options.tell(record.operation);
    const steps = new InstanceSteps(this.#options, record, signal);
    const readiness = new InstanceReadiness({ ports: this.#options, steps, record, signal });
    const finished = work({ record, steps, readiness, signal }).then(
      (message) => record.succeed(message),
      (error: unknown) => this.#failed(record, signal.aborted ? signal.reason : error),
    );
    const running = { record, command, touches, abort, finished };
    this.#running.add(running);
    void finished.then(() => this.#running.delete(running));
    return running;
  }

  #failed(record: OperationRecord, thrown: unknown): Operation {
    const ended = record.fail(thrown);
    if (ended.outcome === 'failed') {
      this.#options.tellIncident({
        type: 'orchestration_error',
        service: ended.service,
        instance: null,
        text: `${ended.kind} of ${ended.service ?? ''} failed: ${ended.message}`,
        data: { operation: ended.id, kind: ended.kind, problem: ended.problem },
      });
    }
    return ended;
  }

  /** The operation that has in hand what this would change or rely on. */
  #busyWith(intent: ServiceIntent): { running: Running; shared: string } | null {
    const concerned = [...concernedBy(intent, this.#options.observer)];
    for (const running of this.#running) {
      const shared = concerned.find((name) => running.touches.has(name));
      if (shared !== undefined) return { running, shared };
    }
    return null;
  }

  /** What a stop of the service cancels: all but stops that has it, or what requires it, in hand. */
  #cancelledBy(service: string): Running[] {
    const hit = new Set([service, ...dependentsOf(this.#options.observer.services, service)]);
    return [...this.#running].filter(
      ({ command, touches }) => command.kind !== 'stop' && [...touches].some((name) => hit.has(name)),
    );
  }

  #requireConfirmed({ confirm }: Command, intent: ServiceIntent): void {
    const impact = this.impact(intent);
    if (confirm === undefined ? impact.confirm : impact.token !== confirm) {
      throw confirm === undefined ? unconfirmed(impact) : changedSince(impact);
    }
  }

  /** Refuses what cannot be decided: where systemd has not told how something is that the command may change or rely on. */
  #requireKnown(intent: ServiceIntent): void {
    const { observer } = this.#options;
    observer.entry(intent.service);
    // A stop changes what requires the service, and relies on nothing.
    const concerned =
      intent.kind === 'stop'
        ? [intent.service, ...dependentsOf(observer.services, intent.service)]
        : [...concernedBy(intent, observer)];
    const unknown = concerned.filter((name) => observer.instances(name).some(({ fresh }) => !fresh));
    if (unknown.length > 0) throw unknownStates(unknown);
  }
}

function isIn<T>(all: readonly T[]): (one: T) => boolean {
  const set = new Set(all);
  return (one) => set.has(one);
}

function begun({ record, finished }: Running): Begun {
  return { operation: record.operation, finished };
}
