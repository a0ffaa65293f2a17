import {
  fleetEventSchema,
  fleetImpactListSchema,
  fleetRunListSchema,
  fleetRunSchema,
  fleetStatusSchema,
  snapshotSchema,
} from '@rovi/contract';
import type { FleetCommand, FleetEvent, FleetImpact, FleetRun, FleetStatus, Snapshot } from '@rovi/contract';
import { parsed } from './api-calls.js';
import type { ApiCalls } from './api-calls.js';
import type { CallOptions, FleetEventsOptions, FleetRunDraft, RequestOptions } from './client-options.js';
import { serverEvents } from './server-events.js';
import type { Transport } from './transport.js';

/** Milliseconds for what waits for robots: they have ten seconds each, a hundred at a time. */
const ASK_MS = 150_000;
const LOOK_MS = 20_000;

/**
 * The robots of a fleet, by a gateway that observes one. What the methods reject with is what {@link ApiClient} rejects
 * with; `fleet-off` where the gateway observes none.
 */
export class FleetCalls {
  readonly #calls: ApiCalls;
  readonly #transport: Transport;

  constructor(calls: ApiCalls, transport: Transport) {
    this.#calls = calls;
    this.#transport = transport;
  }

  /** The robots as they are now, by name. */
  status(options: CallOptions = {}): Promise<FleetStatus> {
    return this.#calls.get('/api/fleet', fleetStatusSchema, options);
  }

  /** The whole fleet first, and again after each reconnection, then every change. Ends only by throwing, or by `return`. */
  events({ signal, ...reconnection }: FleetEventsOptions = {}): AsyncGenerator<FleetEvent, void, undefined> {
    const path = '/api/fleet/events';
    return serverEvents(
      {
        transport: this.#transport,
        path,
        headers: {},
        signal,
        read: ({ data }) => parsed(fleetEventSchema, data, path),
      },
      reconnection,
    );
  }

  /** Everything of one robot, asked of it now. */
  look(robot: string, options: CallOptions = {}): Promise<Snapshot> {
    const path = `/api/fleet/robots/${encodeURIComponent(robot)}`;
    return this.#calls.get(path, snapshotSchema, { timeout: LOOK_MS, ...options });
  }

  /** What the command would hit on each robot, in their order; nothing is done. */
  async ask(
    robots: readonly string[],
    command: FleetCommand,
    options: Omit<RequestOptions, 'reason'> = {},
  ): Promise<FleetImpact[]> {
    const body = { robots, command };
    const given = { timeout: ASK_MS, ...options };
    return (await this.#calls.post('/api/fleet/ask', body, given, fleetImpactListSchema)).impacts;
  }

  /** Begins to command the robots; resolves with the run as soon as it has begun. */
  run(draft: FleetRunDraft, options: Omit<RequestOptions, 'reason'> = {}): Promise<FleetRun> {
    return this.#calls.post('/api/fleet/runs', draft, options, fleetRunSchema);
  }

  /** The last runs, newest first. */
  async runs(options: CallOptions = {}): Promise<FleetRun[]> {
    return (await this.#calls.get('/api/fleet/runs', fleetRunListSchema, options)).runs;
  }

  /** One run, as it stands. */
  runOf(id: string, options: CallOptions = {}): Promise<FleetRun> {
    return this.#calls.get(`/api/fleet/runs/${encodeURIComponent(id)}`, fleetRunSchema, options);
  }
}
