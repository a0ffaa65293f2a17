import type {
  Operation,
  ServiceInstance,
  StackState,
  StackStatus,
  SupervisedService,
  Transition,
  UnitStatus,
} from '@rovi/contract';
import { serviceUnit } from '@rovi/contract';
import type { ObserverChange } from './observer.js';
import { unitStateOf, unitVerdictOf } from './stack-status.js';

/** What a transition takes from around it. */
export interface Moment {
  /** Sequence number of the event that tells of the change. */
  readonly seq: number;
  /** RFC 3339. */
  readonly at: string;
  /** The operation under way for the unit; null where there is none. */
  readonly operation: Operation | null;
}

/** What was last known of one unit. */
interface Known {
  readonly state: StackState;
  readonly invocation: string | null;
  readonly restarts: number;
  /** True from when it ran until it is at rest with nothing under way that brings it up again. */
  readonly wasUp: boolean;
  /** The run in which it was up, while that is the run it has. */
  readonly upIn: string | null;
  /** True from when systemd counts a restart of its own until the unit is up or at rest. */
  readonly restarting: boolean;
}

/** What is told of units: by the eye on stacks and gateway, and of services. */
export type TimelineChange =
  ObserverChange | { readonly kind: 'service'; readonly service: SupervisedService };

type Change = Omit<Transition, 'seq' | 'at' | 'from' | 'operation'> & {
  readonly restarts: number;
  readonly hasJob: boolean;
  /** What it is an instance of, where there are several. */
  readonly of?: string;
};

/**
 * The last `capacity` changes of state of stacks, gateway and services, from what is told of them. What is told first of a
 * unit is where it begins, and no change. Losing sight of it is none either: what it was found in afterwards is compared
 * with what it was seen in before. Of a service with several instances each has changes of its own.
 */
export class Timeline {
  readonly #capacity: number;
  readonly #kept: Transition[] = [];
  readonly #known = new Map<string, Known>();
  readonly #restarted = new Map<string, string>();

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Newest first. */
  get transitions(): Transition[] {
    return [...this.#kept].reverse();
  }

  /**
   * When the unit was last seen to be up again after a restart, by whomever; null where that was not seen. Of a service
   * with several instances: when any of them was.
   */
  lastRestart(name: string): string | null {
    return this.#restarted.get(name) ?? null;
  }

  /** Takes in what was told. */
  observe(told: TimelineChange, moment: Moment): void {
    for (const change of changesOf(told)) this.#take(change, moment);
  }

  #take(change: Change, moment: Moment): void {
    if (change.to === 'UNKNOWN') return;
    const { restarts, hasJob, of, ...rest } = change;
    const before = this.#known.get(change.name);
    const up = isUp(change.to);
    const again = before !== undefined && (before.restarting || restarts > before.restarts);
    this.#known.set(change.name, {
      state: change.to,
      invocation: change.invocation_id,
      restarts,
      upIn: up || change.invocation_id === before?.upIn ? change.invocation_id : null,
      restarting: again && (change.to === 'STARTING' || change.to === 'STOPPING'),
      wasUp: up || (before?.wasUp === true && goesOn({ state: change.to, hasJob }, moment)),
    });
    // Where it was not looked at, a run can have been replaced by another that looks the same.
    const replaced = change.to === 'RUNNING' && before?.invocation !== change.invocation_id;
    if (before === undefined || (before.state === change.to && !replaced)) return;
    const { seq, at, operation } = moment;
    // A service whose checks are looked at anew is STARTING in the run that it is up in.
    const another = before.upIn === null || before.upIn !== change.invocation_id;
    if (up && another && (before.wasUp || again)) {
      this.#restarted.set(change.name, at);
      if (of !== undefined) this.#restarted.set(of, at);
    }
    this.#kept.push({ ...rest, from: before.state, seq, at, operation: operation?.id ?? null });
    if (this.#kept.length > this.#capacity) this.#kept.shift();
  }
}

function isUp(state: StackState): boolean {
  return state === 'RUNNING';
}

/** True where what comes up next is the same unit again: it is not at rest, or its rest is part of a restart. */
function goesOn(
  { state, hasJob }: { readonly state: StackState; readonly hasJob: boolean },
  { operation }: Moment,
): boolean {
  return (
    operation?.kind === 'restart' ||
    operation?.kind === 'rolling-restart' ||
    hasJob ||
    state === 'STARTING' ||
    state === 'STOPPING'
  );
}

function changesOf(told: TimelineChange): Change[] {
  switch (told.kind) {
    case 'bus':
      return [];
    case 'stack':
      return [stackChange(told.stack)];
    case 'gateway':
      return [gatewayChange(told.gateway)];
    case 'service':
      return serviceChanges(told.service);
  }
}

function stackChange({ name, unit, state, verdict, failure }: StackStatus): Change {
  return { name, to: state, ...verdict, failure, ...runOf(unit) };
}

function gatewayChange(gateway: UnitStatus): Change {
  const state = unitStateOf(gateway.active_state);
  return { name: 'gateway', to: state, ...unitVerdictOf(state), failure: null, ...runOf(gateway) };
}

/** One for each instance that may be: those that are not shown are at rest. */
function serviceChanges(service: SupervisedService): Change[] {
  const { name, max, instances } = service;
  if (max === 1) return instances.map((instance) => ({ name, ...instanceChange(instance) }));
  return Array.from({ length: max }, (_, index): Change => {
    const id = index + 1;
    const shown = instances.find((instance) => instance.id === id);
    const one = { name: `${name}@${id}`, of: name };
    if (shown !== undefined) return { ...one, ...instanceChange(shown) };
    const rest = { to: 'STOPPED', level: 'ok', text: 'stopped', invocation_id: null, failure: null } as const;
    return {
      ...one,
      ...rest,
      unit: serviceUnit(name, { instances: service }, id),
      restarts: 0,
      hasJob: false,
    };
  });
}

function instanceChange({ unit, state, level, text, failure }: ServiceInstance): Omit<Change, 'name'> {
  return { to: state, level, text, failure, ...runOf(unit) };
}

function runOf({ unit, invocation_id, restarts, job }: UnitStatus) {
  return { unit, invocation_id, restarts, hasJob: job !== null };
}
