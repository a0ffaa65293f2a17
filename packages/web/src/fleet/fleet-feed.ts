import { fleetAfter } from '@rovi/client/browser';
import type { ApiClient, FleetView } from '@rovi/client/browser';
import { RoviError } from '@rovi/contract';
import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';

/** How the stream of the fleet is. */
export type FleetLink =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** Broken; asked for again by itself. */
  | { readonly state: 'lost'; readonly problem: RoviError }
  /** Broken in a way that does not get better by itself. */
  | { readonly state: 'ended'; readonly problem: RoviError };

export interface FleetState {
  readonly link: FleetLink;
  /** Null before the first word. Only as old as `link` says. */
  readonly view: FleetView | null;
}

/** The fleet as the gateway tells it, for as long as somebody looks. */
export class FleetFeed {
  readonly store: StoreApi<FleetState> = createStore<FleetState>(() => ({
    link: { state: 'connecting' },
    view: null,
  }));
  readonly #fleet: Pick<ApiClient['fleet'], 'events'>;
  readonly #now: () => number;
  #gone: AbortController | null = null;

  /** `now` counts milliseconds, and only grows. */
  constructor(fleet: Pick<ApiClient['fleet'], 'events'>, now: () => number) {
    this.#fleet = fleet;
    this.#now = now;
  }

  /** Begins to listen, with the whole fleet. */
  start(): void {
    this.stop();
    const gone = new AbortController();
    this.#gone = gone;
    this.store.setState({ link: { state: 'connecting' } });
    void this.#listen(gone.signal);
  }

  stop(): void {
    this.#gone?.abort(new RoviError('internal', 'not listened to any more'));
    this.#gone = null;
  }

  async #listen(signal: AbortSignal): Promise<void> {
    try {
      const events = this.#fleet.events({
        signal,
        reconnect: true,
        onDisconnect: (problem) => this.store.setState({ link: { state: 'lost', problem } }),
      });
      for await (const event of events) {
        if (signal.aborted) return;
        const view = fleetAfter(this.store.getState().view, event, this.#now());
        // Nothing is shown as of now that was heard before the link was lost.
        this.store.setState(event.type === 'fleet' ? { view, link: { state: 'live' } } : { view });
      }
    } catch (error) {
      if (!signal.aborted) this.store.setState({ link: { state: 'ended', problem: RoviError.from(error) } });
    }
  }
}
