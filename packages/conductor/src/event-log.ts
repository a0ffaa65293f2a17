import type { RoviEvent } from '@rovi/contract';

type Payload = RoviEvent extends infer E ? (E extends RoviEvent ? Omit<E, 'seq' | 'at'> : never) : never;

/** Numbers events, keeps the last `capacity` for those who resume, and hands each to every listener in order. */
export class EventLog {
  readonly #kept: RoviEvent[] = [];
  readonly #listeners = new Set<(event: RoviEvent) => void>();
  readonly #capacity: number;
  #seq = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Sequence number of the last event; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  append(payload: Payload, at: string): void {
    this.#seq += 1;
    const event: RoviEvent = { ...payload, seq: this.#seq, at };
    this.#kept.push(event);
    if (this.#kept.length > this.#capacity) this.#kept.shift();
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** Events after `since`, oldest first; null where some of them are no longer kept or `since` is in the future. */
  after(since: number): readonly RoviEvent[] | null {
    if (since > this.#seq) return null;
    const first = this.#kept[0]?.seq ?? this.#seq + 1;
    return since + 1 < first ? null : this.#kept.filter((event) => event.seq > since);
  }

  subscribe(listener: (event: RoviEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
