import type { RoviClient } from '@rovi/client';
import { RoviError, type FleetRun } from '@rovi/contract';

/** A stream that tells of runs: it is there before the run begins, so that no step of it is missed. */
export class RunWatch {
  readonly #over = new AbortController();
  readonly #client: RoviClient;
  #hear: ((runs: readonly FleetRun[], whole: boolean) => void) | null = null;
  #onLost: (error: RoviError) => void = () => undefined;
  #failed: ((error: unknown) => void) | null = null;

  constructor(client: RoviClient) {
    this.#client = client;
  }

  /** Resolves once the gateway tells; rejects where it does not. `onLost` hears why it is tried again. */
  start(onLost: (error: RoviError) => void): Promise<void> {
    this.#onLost = onLost;
    return new Promise((resolve, reject) => {
      this.#failed = reject;
      void this.#read(resolve);
    });
  }

  /** Ends it. Nothing is heard any more; the run goes on. */
  stop(): void {
    this.#over.abort(new Error('not watched any more'));
  }

  /**
   * Resolves with the run when it has ended. Rejects where the gateway has forgotten it: then nobody knows how it goes
   * on; and with the signal's reason.
   */
  untilOver(
    begun: FleetRun,
    {
      onStep,
      signal,
    }: {
      readonly onStep: (run: FleetRun) => void;
      signal: AbortSignal;
    },
  ): Promise<FleetRun> {
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        reject(signal.reason as Error);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#failed = reject;
      this.#hear = (runs, whole) => {
        const run = runs.find(({ id }) => id === begun.id);
        if (run !== undefined) {
          onStep(run);
          if (run.ended_at !== null) resolve(run);
        } else if (whole) reject(forgotten());
      };
      if (begun.ended_at !== null) return resolve(begun);
      // A step between the answer and now was told before anybody listened.
      void this.#client.fleet.runs().then(
        (runs) => this.#hear?.(runs, false),
        () => undefined,
      );
    });
  }

  async #read(connected: () => void): Promise<void> {
    try {
      const events = this.#client.fleet.events({
        signal: this.#over.signal,
        reconnect: true,
        onDisconnect: (error) => {
          this.#onLost(error);
        },
      });
      for await (const event of events) {
        if (event.type === 'fleet') {
          connected();
          this.#hear?.(event.runs, true);
        } else if (event.type === 'run') this.#hear?.([event.run], false);
      }
    } catch (error) {
      if (!this.#over.signal.aborted) this.#failed?.(error);
    }
  }
}

function forgotten(): RoviError {
  return new RoviError(
    'gateway-unreachable',
    'the gateway that commanded the robots was restarted, and has forgotten the run: what was not done yet is not known',
    { mend: '`rovictl fleet status` shows how the robots are; each keeps its operations and its audit.' },
  );
}
