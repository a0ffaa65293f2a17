import type { Happening } from './service-bus-event.js';

/** One event that the broker has not acknowledged yet. */
export interface QueuedEvent {
  readonly happening: Happening;
  /** Sent on the present connection, and not answered. */
  inFlight: boolean;
  /** Sent before, on this connection or another: the broker may have it. */
  sent: boolean;
}

/** Events that are sent before the first of them is answered. Fewer than the smallest queue, so that one can always be dropped. */
const WINDOW = 8;

/**
 * Events for the broker, in order, each until it is acknowledged; at most `limit` of them. Beyond it the oldest that was
 * never sent is dropped and counted, and the count goes out where the gap is, as an event of its own.
 */
export class EventQueue {
  readonly #limit: number;
  /** Sent once and not acknowledged, oldest first; at most {@link WINDOW}, and a notice. */
  readonly #begun: QueuedEvent[] = [];
  readonly #waiting = new Set<QueuedEvent>();
  #gap: { count: number; first: string; last: string } | null = null;
  #dropped = 0;

  /** `limit` is at least 10, as in the catalog. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Events that wait for the broker or for its answer. */
  get size(): number {
    return this.#begun.length + this.#waiting.size;
  }

  /** Events dropped in all. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether all that was put in has been acknowledged, and no count of dropped ones is due. */
  get empty(): boolean {
    return this.size === 0 && this.#gap === null;
  }

  push(happening: Happening): void {
    this.#waiting.add({ happening, inFlight: false, sent: false });
    if (this.size > this.#limit) this.#drop();
  }

  /** The next to send, from now on in flight; null while enough are, or none is left. `id` is for a notice of a gap. */
  take(id: () => string, now: () => string): QueuedEvent | null {
    const again = this.#begun.find(({ inFlight }) => !inFlight);
    if (again !== undefined) return launch(again);
    if (this.#begun.length >= WINDOW) return null;
    const next = this.#notice(id, now) ?? this.#shift();
    if (next === null) return null;
    this.#begun.push(next);
    return launch(next);
  }

  /** Acknowledged, or refused for good: it is done with. */
  settle(event: QueuedEvent): void {
    const index = this.#begun.indexOf(event);
    if (index !== -1) this.#begun.splice(index, 1);
  }

  /** The broker did not take it now: it is sent again, in its place. */
  postpone(event: QueuedEvent): void {
    event.inFlight = false;
  }

  /** The connection is lost: what was in flight is sent again on the next one. */
  lost(): void {
    for (const event of this.#begun) event.inFlight = false;
  }

  #shift(): QueuedEvent | null {
    const [first] = this.#waiting;
    if (first === undefined) return null;
    this.#waiting.delete(first);
    return first;
  }

  /** Only of those that were never sent: the broker may have the others, and a gap where there is none misleads too. */
  #drop(): void {
    const oldest = this.#shift();
    if (oldest === null) return;
    const { at } = oldest.happening;
    this.#dropped += 1;
    this.#gap = { count: (this.#gap?.count ?? 0) + 1, first: this.#gap?.first ?? at, last: at };
  }

  #notice(id: () => string, now: () => string): QueuedEvent | null {
    if (this.#gap === null) return null;
    const { count, first, last } = this.#gap;
    this.#gap = null;
    return {
      happening: {
        type: 'events_dropped',
        service: null,
        instance: null,
        text: `${String(count)} events from ${first} to ${last} were dropped: the queue for the broker was full`,
        data: { count, first_at: first, last_at: last },
        at: now(),
        id: id(),
      },
      inFlight: false,
      sent: false,
    };
  }
}

function launch(event: QueuedEvent): QueuedEvent {
  event.inFlight = true;
  return event;
}
