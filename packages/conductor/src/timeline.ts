import type { Operation, StackState, Transition } from '@rovi/contract';
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
}

type Change = Omit<Transition, 'seq' | 'at' | 'from' | 'operation'> & {
  readonly restarts: number;
  readonly hasJob: boolean;
};

/**
 * The last `capacity` changes of state of stacks and gateway, from what the observer tells. What is told first of a unit
 * is where it begins, and no change. Losing sight of it is none either: what it was found in afterwards is compared with
 * what it was seen in before.
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

  /** When the unit was last seen to be up again after a restart, by whomever; null where that was not seen. */
  lastRestart(name: string): string | null {
    return this.#restarted.get(name) ?? null;
  }

  /** Takes in what the observer told. */
  observe(told: ObserverChange, moment: Moment): void {
    const change = changeOf(told);
    if (change === null || change.to === 'UNKNOWN') return;
    const { restarts, hasJob, ...rest } = change;
    const before = this.#known.get(change.name);
    this.#known.set(change.name, {
      state: change.to,
      invocation: change.invocation_id,
      restarts,
      wasUp: isUp(change.to) || (before?.wasUp === true && goesOn({ state: change.to, hasJob }, moment)),
    });
    // Where it was not looked at, a run can have been replaced by another that looks the same.
    const replaced = change.to === 'RUNNING' && before?.invocation !== change.invocation_id;
    if (before === undefined || (before.state === change.to && !replaced)) return;
    const { seq, at, operation } = moment;
    if (change.to === 'RUNNING' && (before.wasUp || restarts > before.restarts)) {
      this.#restarted.set(change.name, at);
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
  return operation?.kind === 'restart' || hasJob || state === 'STARTING' || state === 'STOPPING';
}

function changeOf(told: ObserverChange): Change | null {
  if (told.kind === 'bus') return null;
  if (told.kind === 'stack') {
    const { name, unit, state, verdict, failure } = told.stack;
    return {
      name,
      unit: unit.unit,
      to: state,
      ...verdict,
      invocation_id: unit.invocation_id,
      failure,
      restarts: unit.restarts,
      hasJob: unit.job !== null,
    };
  }
  const { unit, active_state, invocation_id, restarts, job } = told.gateway;
  const state = unitStateOf(active_state);
  const verdict = unitVerdictOf(state);
  const hasJob = job !== null;
  return { name: 'gateway', unit, to: state, ...verdict, invocation_id, failure: null, restarts, hasJob };
}
