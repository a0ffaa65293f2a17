import type { RoviClient } from '@rovi/client';
import type { BusStatus, RoviEvent, Snapshot, StackStatus } from '@rovi/contract';

/** A face that only listens: it asks for the event stream, and for nothing else, and again only where it breaks. */
export class Listener {
  /** Everything heard since it began, or since {@link forget}. */
  readonly heard: RoviEvent[] = [];
  readonly #over = new AbortController();
  #ended: Promise<void> = Promise.resolve();
  #error: unknown = null;
  #changed: () => void = () => undefined;

  /** Resolves when the first snapshot is there. */
  static async on(api: RoviClient): Promise<Listener> {
    const listener = new Listener();
    listener.#ended = listener.#listen(api);
    await listener.until('the first snapshot', ({ type }) => type === 'snapshot');
    return listener;
  }

  /** What is waited for from here on has not been heard yet. */
  forget(): void {
    this.heard.length = 0;
  }

  /** Resolves with the first event for which `holds`, heard already or to come; rejects after the deadline. */
  async until(what: string, holds: (event: RoviEvent) => boolean, deadlineMs = 30_000): Promise<RoviEvent> {
    const late = AbortSignal.timeout(deadlineMs);
    late.addEventListener('abort', () => this.#changed(), { once: true });
    for (;;) {
      const event = this.heard.find(holds);
      if (event !== undefined) return event;
      if (late.aborted || this.#error !== null) {
        const story = this.heard.map(summary).join('\n');
        throw new Error(`not heard within ${deadlineMs} ms: ${what}\n${story}`, { cause: this.#error });
      }
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  /** As {@link until}, for a stack's status. */
  async stack(name: string, what: string, holds: (stack: StackStatus) => boolean): Promise<StackStatus> {
    const event = await this.until(
      `${name} ${what}`,
      (each) => each.type === 'stack' && each.stack.name === name && holds(each.stack),
    );
    if (event.type !== 'stack') throw new Error('unreachable');
    return event.stack;
  }

  async bus(holds: (bus: BusStatus) => boolean): Promise<BusStatus> {
    const event = await this.until('the bus', (each) => each.type === 'bus' && holds(each.bus));
    if (event.type !== 'bus') throw new Error('unreachable');
    return event.bus;
  }

  async snapshot(holds: (snapshot: Snapshot) => boolean): Promise<Snapshot> {
    const event = await this.until('a snapshot', (each) => each.type === 'snapshot' && holds(each.snapshot));
    if (event.type !== 'snapshot') throw new Error('unreachable');
    return event.snapshot;
  }

  /** The states that a stack went through, each once for as long as it lasted. */
  statesOf(name: string): string[] {
    const states = this.heard.flatMap((event) =>
      event.type === 'stack' && event.stack.name === name ? [event.stack.state] : [],
    );
    return states.filter((state, index) => state !== states[index - 1]);
  }

  async end(): Promise<void> {
    this.#over.abort();
    await this.#ended;
  }

  async #listen(api: RoviClient): Promise<void> {
    try {
      for await (const event of api.events({ reconnect: true, signal: this.#over.signal })) {
        this.heard.push(event);
        this.#changed();
      }
    } catch (error) {
      if (!this.#over.signal.aborted) this.#error = error;
    }
    this.#changed();
  }
}

function summary(event: RoviEvent): string {
  const head = `${event.seq} ${event.type}`;
  if (event.type === 'stack')
    return `${head} ${event.stack.name} ${event.stack.state}: ${event.stack.verdict.text}`;
  if (event.type === 'operation')
    return `${head} ${event.operation.kind} ${event.operation.outcome}: ${event.operation.message}`;
  if (event.type === 'bus') return `${head} ${event.bus.connected ? 'connected' : 'lost'}`;
  return head;
}
