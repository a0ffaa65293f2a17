import type { RoviEvent } from '@rovi/contract';

/** An event before it has its number and moment. */
export type NewEvent = RoviEvent extends infer E
  ? E extends RoviEvent
    ? Omit<E, 'seq' | 'at'>
    : never
  : never;

type Listener = (event: RoviEvent) => void;

/**
 * Numbers events, keeps the last `capacity` for those who resume, and hands each to every listener in order. A listener
 * that throws keeps neither the others from hearing nor whoever appends from going on; it is told to `onFault`, once.
 */
export class EventLog {
  readonly #kept: RoviEvent[] = [];
  readonly #listeners = new Set<Listener>();
  /** Listeners whose fault has been told: one that fails at every event would fill the log. */
  readonly #faulty = new WeakSet<Listener>();
  readonly #capacity: number;
  readonly #onFault: (error: unknown) => void;
  #seq = 0;

  constructor(capacity: number, onFault: (error: unknown) => void) {
    this.#capacity = capacity;
    this.#onFault = onFault;
  }

  /** Sequence number of the last event; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  append(payload: NewEvent, at: string): void {
    this.#seq += 1;
    const event: RoviEvent = { ...payload, seq: this.#seq, at };
    this.#kept.push(event);
    if (this.#kept.length > this.#capacity) this.#kept.shift();
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        if (this.#faulty.has(listener)) continue;
        this.#faulty.add(listener);
        this.#onFault(error);
      }
    }
  }

  /** Events after `since`, oldest first; null where some of them are no longer kept or `since` is in the future. */
  after(since: number): readonly RoviEvent[] | null {
    if (since > this.#seq) return null;
    const first = this.#kept[0]?.seq ?? this.#seq + 1;
    return since + 1 < first ? null : this.#kept.filter((event) => event.seq > since);
  }

  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
