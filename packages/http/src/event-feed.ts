import type { ConductorApi } from '@rovi/conductor';
import type { RoviEvent } from '@rovi/contract';
import { frameOfText } from './event-stream.js';
import type { EventSink } from './open-stream.js';

/** A place in the events of one run of the conductor. */
export interface ResumePoint {
  readonly boot: string;
  readonly since: number;
}

/** How a protocol writes an event. */
export type EventProtocol = 'sse' | 'websocket';

/** Remembers the last answer: one event is asked for by all its listeners in a row. */
function once<T>(make: (event: RoviEvent) => T): (event: RoviEvent) => T {
  let last: { readonly event: RoviEvent; readonly made: T } | null = null;
  return (event) => {
    if (last?.event !== event) last = { event, made: make(event) };
    return last.made;
  };
}

/** The conductor's events for any number of streams. Each event is written once a protocol, and the bytes are shared. */
export class EventFeed {
  readonly #conductor: ConductorApi;
  #boot = '';
  readonly #json = once((event) => JSON.stringify(event));
  readonly #frames: Readonly<Record<EventProtocol, (event: RoviEvent) => Buffer>> = {
    sse: once((event) => frameOfText(event.type, this.#json(event), `${this.#boot}:${event.seq}`)),
    websocket: once((event) => Buffer.from(this.#json(event))),
  };

  constructor(conductor: ConductorApi) {
    this.#conductor = conductor;
  }

  /** Sends what was missed since `point`, or else a snapshot, and then every event in order without a gap, until the end. */
  follow(sink: EventSink, protocol: EventProtocol, point: ResumePoint | null): void {
    const frame = this.#frames[protocol];
    // All in one turn: nothing can happen between what is read here and the subscription.
    const snapshot = this.#conductor.snapshot();
    const { boot_id, seq, at } = snapshot;
    this.#boot = boot_id;
    const missed = point === null ? null : this.#conductor.eventsSince(point.since, point.boot);
    const unsubscribe = this.#conductor.subscribe((event) => sink.send(frame(event), event.seq));
    sink.closed.addEventListener('abort', unsubscribe, { once: true });
    if (sink.closed.aborted) unsubscribe();
    sink.begin((missed ?? [{ type: 'snapshot', seq, at, snapshot } as const]).map(frame), seq);
  }
}
