import type { BusStatus, Operation, RoviEvent, Snapshot, StackState, StackStatus } from '@rovi/contract';

/** What is known of the robot, from the first snapshot and every event after it. */
export interface RobotView {
  readonly snapshot: Snapshot;
  /** The operation under way, or the last one that ended while somebody looked; null where there was none. */
  readonly operation: Operation | null;
}

/** The view after one more event. Null only before the first snapshot: without it an event says too little. */
export function seen(view: RobotView | null, event: RoviEvent): RobotView | null {
  if (event.type === 'snapshot')
    return { snapshot: event.snapshot, operation: carried(view, event.snapshot) };
  if (view === null) return null;
  const snapshot = { ...view.snapshot, seq: event.seq, at: event.at };
  switch (event.type) {
    case 'stack': {
      const stacks = snapshot.stacks.map((one) => (one.name === event.stack.name ? event.stack : one));
      return { ...view, snapshot: derived({ ...snapshot, stacks }) };
    }
    case 'bus':
      return { ...view, snapshot: derived({ ...snapshot, bus: event.bus }) };
    case 'gateway':
      return { ...view, snapshot: { ...snapshot, gateway: event.gateway } };
    case 'face': {
      const others = snapshot.faces.filter(({ name }) => name !== event.face.name);
      return { ...view, snapshot: { ...snapshot, faces: [...others, event.face] } };
    }
    case 'operation': {
      const running = event.operation.outcome === 'running' ? event.operation : null;
      // A stop may begin before what it cancels has ended: the older one's end is not the newest word.
      const newest = view.operation !== null && view.operation.started_at > event.operation.started_at;
      return {
        snapshot: { ...snapshot, operation: newest ? snapshot.operation : running },
        operation: newest ? view.operation : event.operation,
      };
    }
  }
}

/** The operation to show after a snapshot: what ran and is gone from it has ended unseen, and is not known any more. */
function carried(view: RobotView | null, next: Snapshot): Operation | null {
  if (next.operation !== null) return next.operation;
  const before = view?.operation ?? null;
  const same = view?.snapshot.boot_id === next.boot_id;
  return before !== null && same && before.outcome !== 'running' ? before : null;
}

/** `known` and `active` follow from the stacks and the bus, as the conductor derives them. */
function derived(snapshot: Snapshot): Snapshot {
  const known = isKnown(snapshot.bus, snapshot.stacks);
  return { ...snapshot, known, active: known ? holderOf(snapshot.stacks) : null };
}

function isKnown(bus: BusStatus, stacks: readonly StackStatus[]): boolean {
  return bus.connected && stacks.every(({ state }) => state !== 'UNKNOWN');
}

const claim: Readonly<Record<StackState, number>> = {
  RUNNING: 0,
  STOPPING: 1,
  FAILED: 2,
  STARTING: 3,
  UNKNOWN: 4,
  STOPPED: 5,
};

/** The stack that holds the robot: of all not at rest, the one with the strongest claim. */
export function holderOf(stacks: readonly StackStatus[]): string | null {
  const holders = stacks.filter((stack) => !isAtRest(stack));
  return holders.toSorted((a, b) => claim[a.state] - claim[b.state])[0]?.name ?? null;
}

function isAtRest({ unit, processes }: StackStatus): boolean {
  const ended = unit.active_state === 'inactive' || unit.active_state === 'failed';
  return ended && unit.job === null && processes.length === 0;
}
