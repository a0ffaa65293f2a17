import {
  estopSchema,
  executionSchema,
  telemetryEventsSchema,
  telemetryMetricsSchema,
  ticketCommandListSchema,
  ticketDetailSchema,
  ticketListSchema,
  ticketSchema,
} from '@rovi/contract';
import type {
  Estop,
  Execution,
  TelemetryEvent,
  TelemetryMetrics,
  Ticket,
  TicketCommandInfo,
  TicketDetail,
  TicketList,
} from '@rovi/contract';
import { READ_MS } from './api-calls.js';
import type { ApiCalls } from './api-calls.js';
import type {
  CallOptions,
  ExecuteOptions,
  ExportSelection,
  RequestOptions,
  TicketDraft,
  TicketSelection,
} from './client-options.js';

/** Milliseconds that an execution is waited for: its turn can be far. */
const EXECUTION_MS = 3_600_000;

/** Tickets and their e-stop. What the methods reject with is what {@link ApiClient} rejects with. */
export class TicketCalls {
  readonly #calls: ApiCalls;

  constructor(calls: ApiCalls) {
    this.#calls = calls;
  }

  /** Resolves when it is stored; nothing is executed by that. */
  create(ticket: TicketDraft, options: Omit<RequestOptions, 'reason'> = {}): Promise<Ticket> {
    return this.#calls.post('/ticket', ticket, options, ticketSchema);
  }

  /** One ticket with its steps and attempts. */
  read(id: string, options: CallOptions = {}): Promise<TicketDetail> {
    return this.#calls.get(ticketPath(id), ticketDetailSchema, options);
  }

  /** Newest first. */
  list({ status, limit, offset, ...options }: TicketSelection = {}): Promise<TicketList> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ status, limit, offset })) {
      if (value !== undefined) query.set(name, String(value));
    }
    return this.#calls.get(`/tickets?${query.toString()}`, ticketListSchema, options);
  }

  /**
   * Every ticket with its steps and attempts, oldest first, as they are read. It ends when that was all, and throws where
   * it was cut off: what came until then is not the whole.
   */
  export({ status, signal }: ExportSelection = {}): AsyncGenerator<TicketDetail, void, undefined> {
    const path = `/tickets/export${status === undefined ? '' : `?status=${status}`}`;
    return this.#calls.lines(path, ticketDetailSchema, signal);
  }

  /**
   * Resolves with what came of it, also where that is failed or cancelled; with `async` as soon as it is queued. Rejects
   * where it may not be executed now: then the ticket stays as it was.
   */
  execute(
    id: string,
    { force = false, async: once = false, ...options }: ExecuteOptions = {},
  ): Promise<Execution> {
    const timeout = options.timeout ?? (once ? READ_MS : EXECUTION_MS);
    const headers = once ? { prefer: 'respond-async' } : {};
    const body = { ticket_id: id, force };
    return this.#calls.post('/execute', body, { ...options, timeout, headers }, executionSchema);
  }

  /** Ends it, whatever it does; one that has come to its end stays as it was. */
  cancel(id: string, { reason, ...options }: RequestOptions = {}): Promise<TicketDetail> {
    return this.#calls.post(`${ticketPath(id)}/cancel`, { reason }, options, ticketDetailSchema);
  }

  /** Ends what tickets move; nothing begins until {@link resetEstop}. */
  estop({ reason, ...options }: RequestOptions = {}): Promise<Estop> {
    return this.#calls.post('/estop', { reason }, options, estopSchema);
  }

  /** What is queued goes on by its turn. */
  resetEstop({ reason, ...options }: RequestOptions = {}): Promise<Estop> {
    return this.#calls.post('/estop/reset', { reason }, options, estopSchema);
  }

  /** The commands that tickets may have. */
  async commands(options: CallOptions = {}): Promise<TicketCommandInfo[]> {
    return (await this.#calls.get('/ticket-commands', ticketCommandListSchema, options)).commands;
  }

  /** Counters, gauges and histograms of this run of the gateway. */
  metrics(options: CallOptions = {}): Promise<TelemetryMetrics> {
    return this.#calls.get('/telemetry/metrics', telemetryMetricsSchema, options);
  }

  /** The last 1,000 of this run, newest first. */
  async events(options: CallOptions = {}): Promise<TelemetryEvent[]> {
    return (await this.#calls.get('/telemetry/events', telemetryEventsSchema, options)).events;
  }
}

function ticketPath(id: string): string {
  return `/ticket/${encodeURIComponent(id)}`;
}
