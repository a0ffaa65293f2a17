/** Topics that are sent before the first of them is answered. */
const WINDOW = 8;

/**
 * What retained topics are meant to say. Only the newest matters: nothing is queued, what changed while it was on its way
 * is sent once more with what it says then.
 */
export class RetainedTopics {
  readonly #wanted = new Map<string, { readonly key: string; readonly payload: string }>();
  readonly #due = new Set<string>();
  readonly #inFlight = new Set<string>();

  /** Whether the broker has all of it. */
  get settled(): boolean {
    return this.#due.size === 0 && this.#inFlight.size === 0;
  }

  /** Topics that say something. */
  *[Symbol.iterator](): Generator<string> {
    for (const [topic, { payload }] of this.#wanted) if (payload !== '') yield topic;
  }

  /** What the topic is to say. The same `key` as before is no news, whatever else differs. */
  put(topic: string, payload: string, key = payload): void {
    if (this.#wanted.get(topic)?.key === key) return;
    this.#wanted.set(topic, { key, payload });
    this.#due.add(topic);
  }

  /** The topic is to be there no longer. */
  clear(topic: string): void {
    this.put(topic, '');
  }

  /** The next topic to send, from now on in flight; null while enough are, or none is due. */
  take(): { readonly topic: string; readonly payload: string } | null {
    if (this.#inFlight.size >= WINDOW) return null;
    for (const topic of this.#due) {
      if (this.#inFlight.has(topic)) continue;
      this.#due.delete(topic);
      this.#inFlight.add(topic);
      return { topic, payload: this.#wanted.get(topic)?.payload ?? '' };
    }
    return null;
  }

  /** The broker answered. `again`: it did not take it now. */
  settle(topic: string, again: boolean): void {
    this.#inFlight.delete(topic);
    if (again) this.#due.add(topic);
    else if (!this.#due.has(topic) && this.#wanted.get(topic)?.payload === '') this.#wanted.delete(topic);
  }

  /** A new connection, perhaps to a broker that remembers nothing: all of it is due. */
  renew(): void {
    this.#inFlight.clear();
    for (const topic of this.#wanted.keys()) this.#due.add(topic);
  }
}
