import type { TicketPriority } from '@rovi/contract';
import { rankOf, ticketPriorities } from '@rovi/contract';

/** How often a ticket is passed over by a younger one until it counts as of the next priority. */
export const PATIENCE = 8;

/** A ticket that waits for its turn. */
export interface Waiting {
  readonly id: string;
  readonly priority: TicketPriority;
  /** Only one of these is under way at a time. */
  readonly motion: boolean;
}

interface Entry extends Waiting {
  /** Grows with each that is added: the age. */
  readonly place: number;
  passed: number;
}

/**
 * Who is next: by priority, then by age. A ticket that younger ones passed {@link PATIENCE} times rises by one priority,
 * so at most three times as many ever pass it. Motions and the others do not wait for one another.
 */
export class TicketQueue {
  readonly #entries = new Map<string, Entry>();
  #places = 0;
  /** As sorted last; null where it has changed since. */
  #sorted: readonly Entry[] | null = null;

  get size(): number {
    return this.#entries.size;
  }

  /** All that wait, the next first. */
  get waiting(): readonly Waiting[] {
    return this.#inTurn();
  }

  has(id: string): boolean {
    return this.#entries.has(id);
  }

  add(waiting: Waiting): void {
    this.#sorted = null;
    this.#entries.set(waiting.id, { ...waiting, place: (this.#places += 1), passed: 0 });
  }

  /** False where it did not wait. */
  remove(id: string): boolean {
    this.#sorted = null;
    return this.#entries.delete(id);
  }

  /** Takes the next motion, or the next of the others, out of the queue; null where none waits. */
  take(motion: boolean): Waiting | null {
    const all = this.#inTurn().filter((entry) => entry.motion === motion);
    const [next] = all;
    if (next === undefined) return null;
    this.remove(next.id);
    for (const entry of all) if (entry.place < next.place) entry.passed += 1;
    return next;
  }

  #inTurn(): readonly Entry[] {
    return (this.#sorted ??= [...this.#entries.values()].sort(before));
  }
}

function before(a: Entry, b: Entry): number {
  return levelOf(b) - levelOf(a) || a.place - b.place;
}

function levelOf({ priority, passed }: Entry): number {
  return Math.min(ticketPriorities.length - 1, rankOf(priority) + Math.floor(passed / PATIENCE));
}
