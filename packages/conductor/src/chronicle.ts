import type {
  Incident,
  Operation,
  RoviEvent,
  Snapshot,
  SupervisedService,
  Timeline as TimelineReply,
  ToldIncident,
} from '@rovi/contract';
import { EventLog } from './event-log.js';
import type { NewEvent } from './event-log.js';
import type { ObserverChange } from './observer.js';
import { Timeline } from './timeline.js';

/** Incidents kept for the timeline. */
const KEPT_INCIDENTS = 500;
/** Events kept for faces that resume. */
const KEPT_EVENTS = 1000;
/** Operations kept for those who ask. */
const KEPT_OPERATIONS = 200;
/** Changes of state kept for those who ask. */
const KEPT_TRANSITIONS = 1000;

export interface ChronicleOptions {
  readonly bootId: string;
  /** The moment as RFC 3339. */
  readonly now: () => string;
  readonly onListenerFault: (error: unknown) => void;
}

/** What happened in this run, in order: told to every face as it happens, and kept, the newest of it, for those who ask. */
export class Chronicle {
  readonly #options: ChronicleOptions;
  readonly #events: EventLog;
  readonly #timeline = new Timeline(KEPT_TRANSITIONS);
  readonly #incidents: ToldIncident[] = [];
  readonly #operations = new Map<string, Operation>();
  readonly #since: string;

  constructor(options: ChronicleOptions) {
    this.#options = options;
    this.#events = new EventLog(KEPT_EVENTS, options.onListenerFault);
    this.#since = options.now();
  }

  /** Sequence number of the last event. */
  get seq(): number {
    return this.#events.seq;
  }

  /** Newest first. */
  get operations(): Operation[] {
    return [...this.#operations.values()].reverse();
  }

  operation(id: string): Operation | undefined {
    return this.#operations.get(id);
  }

  timeline(): TimelineReply {
    return {
      boot_id: this.#options.bootId,
      since: this.#since,
      at: this.#options.now(),
      transitions: this.#timeline.transitions,
      operations: this.operations,
      incidents: [...this.#incidents].reverse(),
    };
  }

  lastRestart(name: string): string | null {
    return this.#timeline.lastRestart(name);
  }

  subscribe(listener: (event: RoviEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  /** Events after `since`, oldest first; null where they are no longer kept, or are another run's. */
  since(since: number, bootId: string): readonly RoviEvent[] | null {
    return bootId === this.#options.bootId ? this.#events.after(since) : null;
  }

  /** Something that needs no more than to be told. */
  tell(event: NewEvent): void {
    this.#events.append(event, this.#options.now());
  }

  /** `operation` is the one that has the stack in hand; `holding` is as in a snapshot of this moment. */
  observed(
    change: ObserverChange,
    operation: Operation | null,
    holding: Pick<Snapshot, 'active' | 'known'>,
  ): void {
    const at = this.#options.now();
    this.#timeline.observe(change, { seq: this.seq + 1, at, operation });
    this.#events.append(eventOf(change, holding), at);
  }

  /** The same of a service. */
  serviceShown(service: SupervisedService, operation: Operation | null): void {
    const at = this.#options.now();
    this.#timeline.observe({ kind: 'service', service }, { seq: this.seq + 1, at, operation });
    this.#events.append({ type: 'service', service }, at);
  }

  incident(incident: Incident): void {
    const at = this.#options.now();
    this.#incidents.push({ seq: this.seq + 1, at, incident });
    if (this.#incidents.length > KEPT_INCIDENTS) this.#incidents.shift();
    this.#events.append({ type: 'incident', incident }, at);
  }

  /** A record that is new, or goes on. */
  record(operation: Operation): void {
    this.#operations.set(operation.id, operation);
    for (const id of this.#operations.keys()) {
      if (this.#operations.size <= KEPT_OPERATIONS) break;
      this.#operations.delete(id);
    }
    this.tell({ type: 'operation', operation });
  }
}

function eventOf(change: ObserverChange, { active, known }: Pick<Snapshot, 'active' | 'known'>) {
  const holding = { active, known };
  switch (change.kind) {
    case 'stack':
      return { type: 'stack', ...holding, stack: change.stack } as const;
    case 'gateway':
      return { type: 'gateway', ...holding, gateway: change.gateway } as const;
    case 'bus':
      return { type: 'bus', ...holding, bus: change.bus } as const;
  }
}
