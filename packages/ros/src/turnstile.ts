import { setTimeout as sleep } from 'node:timers/promises';

/** Least milliseconds between two that are begun; one after the other, so many may come closer. */
const SPACING_MS = 100;
const CREDIT = 10;
/** How many may be under way. */
const MOST = 4;

/**
 * Lets the same work be begun only so often, however often it is asked for. Who asks too soon shares the next one with
 * all others who do: it is begun after each of them has asked, so it knows of all that they knew. Anybody in the graph
 * may call a service a thousand times a second, and systemd takes only so many questions at once: without this, nobody
 * else's stop would get through.
 */
export class Turnstile<T> {
  readonly #underWay = new Set<Promise<unknown>>();
  #begunAt = -Infinity;
  #credit = CREDIT;
  #next: Promise<T> | null = null;

  /** Resolves or rejects as the work does that is begun now, or next. The first of many to ask tells how. */
  pass(begin: () => Promise<T>): Promise<T> {
    if (this.#next !== null) return this.#next;
    if (this.#underWay.size === 0 && this.#earned() >= 1) return this.#begin(begin);
    if (this.#wait() <= 0 && this.#underWay.size < MOST) return this.#begin(begin);
    this.#next = this.#turn().then(() => {
      this.#next = null;
      return this.#begin(begin);
    });
    return this.#next;
  }

  /** How many may be begun without a wait. */
  #earned(): number {
    return Math.min(CREDIT, this.#credit + (performance.now() - this.#begunAt) / SPACING_MS);
  }

  #wait(): number {
    return this.#begunAt + SPACING_MS - performance.now();
  }

  async #turn(): Promise<void> {
    await sleep(Math.max(0, this.#wait()));
    while (this.#underWay.size >= MOST) await Promise.race(this.#underWay);
  }

  #begin(begin: () => Promise<T>): Promise<T> {
    this.#credit = Math.max(0, this.#earned() - 1);
    this.#begunAt = performance.now();
    // A `begin` that throws at once is an end, too.
    const work = new Promise<T>((resolve) => resolve(begin()));
    const forget = (): void => void this.#underWay.delete(ended);
    const ended: Promise<void> = work.then(forget, forget);
    this.#underWay.add(ended);
    return work;
  }
}
