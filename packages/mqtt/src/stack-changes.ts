import type { Incident, StackState, StackStatus } from '@rovi/contract';

/** What a stack's change of state is called on the bus. */
export type StackEventType = 'stack_started' | 'stack_stopped' | 'stack_failed';

/** As an incident is told. */
export type StackChange = Omit<Incident, 'type'> & { readonly type: StackEventType };

const atRest: ReadonlySet<StackState> = new Set(['STOPPED', 'MAINTENANCE', 'FAILED']);

/**
 * Tells starts, stops and failures of stacks out of their states. The first known state of each is where it begins: a
 * gateway that finds a stack running did not see it start. UNKNOWN says nothing; what comes after it is compared with
 * what was known before.
 */
export class StackChanges {
  readonly #known = new Map<string, StackState>();

  /** What the stack's state means beside the one before; null where it is no news for the bus. */
  observe(stack: StackStatus): StackChange | null {
    const { name, state } = stack;
    if (state === 'UNKNOWN') return null;
    const from = this.#known.get(name);
    this.#known.set(name, state);
    if (from === undefined || from === state) return null;
    const type = typeOf(from, state);
    if (type === null) return null;
    const { unit, failure, verdict } = stack;
    const data = { state, from, unit: unit.unit, invocation_id: unit.invocation_id, failure };
    return { type, service: name, instance: null, text: failure?.text ?? verdict.text, data };
  }

  /** Forgets stacks that are no longer in the catalog. */
  keep(names: ReadonlySet<string>): void {
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
  }
}

function typeOf(from: StackState, to: StackState): StackEventType | null {
  if (to === 'RUNNING') return 'stack_started';
  if (to === 'FAILED') return 'stack_failed';
  if (to === 'STOPPED' || to === 'MAINTENANCE') return atRest.has(from) ? null : 'stack_stopped';
  return null;
}
