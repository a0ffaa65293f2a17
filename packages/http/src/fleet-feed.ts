import type { FleetConsole } from '@rovi/conductor';
import type { FleetEvent } from '@rovi/contract';
import { frameOf } from './event-stream.js';
import type { EventSink } from './open-stream.js';

/** What happens in a fleet, for any number of streams. Each event is written once, and the bytes are shared. */
export class FleetFeed {
  readonly #fleet: FleetConsole;
  #last: { readonly event: FleetEvent; readonly frame: Buffer } | null = null;

  constructor(fleet: FleetConsole) {
    this.#fleet = fleet;
  }

  /** Sends the whole fleet and then every event, until the end. Throws `fleet-off`. */
  follow(sink: EventSink): void {
    let begun = false;
    this.#fleet.follow((event) => {
      const frame = this.#frameOf(event);
      if (begun) sink.send(frame, 0);
      else sink.begin([frame], 0);
      begun = true;
    }, sink.closed);
  }

  /** One event is asked for by all its listeners in a row. */
  #frameOf(event: FleetEvent): Buffer {
    if (this.#last?.event !== event) this.#last = { event, frame: frameOf(event.type, event) };
    return this.#last.frame;
  }
}
