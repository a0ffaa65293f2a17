import type { MqttLink } from '@rovi/conductor';

/** When the last message of each watched topic came. Retained ones do not count: nobody has said them now. */
export class TopicAges implements MqttLink {
  readonly #at = new Map<string, number | null>();
  #subscribe: ((topic: string) => void) | null = null;

  get connected(): boolean {
    return this.#subscribe !== null;
  }

  watch(topic: string): void {
    if (this.#at.has(topic)) return;
    this.#at.set(topic, null);
    this.#subscribe?.(topic);
  }

  lastMessage(topic: string): { readonly ageMs: number } | null {
    const at = this.#at.get(topic) ?? null;
    return at === null ? null : { ageMs: performance.now() - at };
  }

  /** The broker is there: `subscribe` is called for every topic, now and later. */
  attach(subscribe: (topic: string) => void): void {
    this.#subscribe = subscribe;
    for (const topic of this.#at.keys()) subscribe(topic);
  }

  /** The broker is lost. */
  detach(): void {
    this.#subscribe = null;
  }

  /** A message came. */
  arrived(topic: string, retained: boolean): void {
    if (!retained && this.#at.has(topic)) this.#at.set(topic, performance.now());
  }
}
