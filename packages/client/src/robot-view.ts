import type { Operation, RoviEvent, Snapshot, Ticket } from '@rovi/contract';

/** What is known of the robot, from the first snapshot and every event after it. */
export interface RobotView {
  readonly snapshot: Snapshot;
  /** The operation under way, or the last one that ended while somebody looked; null where there was none. */
  readonly operation: Operation | null;
  /** Sequence number of the last event that told of an incident; 0 before the first. The timeline has them. */
  readonly incidentSeq: number;
  /** The ticket that an event told of last: another object with each one; null before the first. */
  readonly told: Ticket | null;
  /** How often it began anew with a snapshot: what was read before may lack what happened in between. */
  readonly beginnings: number;
}

/** The view after one more event. Null only before the first snapshot: without it an event says too little. */
export function seen(view: RobotView | null, event: RoviEvent): RobotView | null {
  if (event.type === 'snapshot')
    return {
      snapshot: event.snapshot,
      operation: carried(view, event.snapshot),
      incidentSeq: view?.snapshot.boot_id === event.snapshot.boot_id ? view.incidentSeq : 0,
      told: null,
      beginnings: (view?.beginnings ?? 0) + 1,
    };
  if (view === null) return null;
  const snapshot = { ...view.snapshot, seq: event.seq, at: event.at };
  switch (event.type) {
    case 'stack': {
      const { active, known, stack } = event;
      const stacks = snapshot.stacks.map((one) => (one.name === stack.name ? stack : one));
      return { ...view, snapshot: { ...snapshot, active, known, stacks } };
    }
    case 'bus': {
      const { active, known, bus } = event;
      return { ...view, snapshot: { ...snapshot, active, known, bus } };
    }
    case 'gateway': {
      const { active, known, gateway } = event;
      return { ...view, snapshot: { ...snapshot, active, known, gateway } };
    }
    case 'service': {
      const { service } = event;
      const services = snapshot.services.map((one) => (one.name === service.name ? service : one));
      return { ...view, snapshot: { ...snapshot, services } };
    }
    case 'maintenance':
      return { ...view, snapshot: { ...snapshot, maintenance: event.maintenance } };
    case 'external':
      return { ...view, snapshot: { ...snapshot, external: event.external } };
    case 'ticket':
      return { ...view, snapshot: { ...snapshot, tickets: event.desk }, told: event.ticket ?? view.told };
    case 'incident':
      return { ...view, snapshot, incidentSeq: event.seq };
    case 'face': {
      const others = snapshot.faces.filter(({ name }) => name !== event.face.name);
      return { ...view, snapshot: { ...snapshot, faces: [...others, event.face] } };
    }
    case 'operation': {
      const running = event.operation.outcome === 'running' ? event.operation : null;
      // A stop may begin before what it cancels has ended: the older one's end is not the newest word.
      const newest = view.operation !== null && view.operation.started_at > event.operation.started_at;
      const shown = newest ? view.operation : event.operation;
      if (event.operation.service !== null) {
        const others = snapshot.service_operations.filter(({ id }) => id !== event.operation.id);
        const service_operations = running === null ? others : [...others, running];
        return { ...view, snapshot: { ...snapshot, service_operations }, operation: shown };
      }
      const behind =
        snapshot.operation !== null && snapshot.operation.started_at > event.operation.started_at;
      return {
        ...view,
        snapshot: { ...snapshot, operation: behind ? snapshot.operation : running },
        operation: shown,
      };
    }
  }
}

/** The operation to show after a snapshot: what ran and is gone from it has ended unseen, and is not known any more. */
function carried(view: RobotView | null, next: Snapshot): Operation | null {
  const running = [...(next.operation === null ? [] : [next.operation]), ...next.service_operations];
  const newest = running.sort((a, b) => (a.started_at < b.started_at ? 1 : -1))[0];
  if (newest !== undefined) return newest;
  const before = view?.operation ?? null;
  const same = view?.snapshot.boot_id === next.boot_id;
  return before !== null && same && before.outcome !== 'running' ? before : null;
}
