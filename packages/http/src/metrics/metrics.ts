import process from 'node:process';
import type { ConductorApi, TicketDesk } from '@rovi/conductor';
import type { Operation } from '@rovi/contract';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';
import type { OpenStreams } from '../open-streams.js';
import { registerProcessMetrics } from './process-metrics.js';
import { RobotMetrics } from './robot-metrics.js';
import { ServiceMetrics } from './service-metrics.js';
import { TicketMetrics } from './ticket-metrics.js';

export interface MetricsOptions {
  readonly conductor: ConductorApi;
  readonly tickets: TicketDesk;
  readonly version: string;
  /** Open streams by their kind. */
  readonly streams: Readonly<Record<string, OpenStreams>>;
}

/** An answered request. */
export interface AnsweredRequest {
  readonly method: string;
  /** The route's pattern; `none` where no route fits, so that nobody can make labels up. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

/** The gateway's figures for Prometheus. Between scrapes it counts operations and requests, and does nothing else. */
export class Metrics {
  readonly #options: MetricsOptions;
  readonly #registry = new Registry();
  readonly #robot = new RobotMetrics(this.#registry);
  readonly #services = new ServiceMetrics(this.#registry);
  readonly #tickets = new TicketMetrics(this.#registry);
  readonly #operations: Counter;
  readonly #operationSeconds: Histogram;
  readonly #requestSeconds: Histogram;
  readonly #streams: Gauge;
  /** Operations that were heard to run. */
  readonly #running = new Set<string>();

  constructor(options: MetricsOptions) {
    this.#options = options;
    const registers = [this.#registry];
    this.#operations = new Counter({
      name: 'rovi_operations_total',
      help: 'Operations that ended, since the gateway started.',
      labelNames: ['kind', 'outcome'],
      registers,
    });
    this.#operationSeconds = new Histogram({
      name: 'rovi_operation_duration_seconds',
      help: 'How long operations took, from their acceptance to their end.',
      labelNames: ['kind', 'outcome'],
      buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120],
      registers,
    });
    this.#requestSeconds = new Histogram({
      name: 'rovi_http_request_duration_seconds',
      help: 'How long requests took; a command waits for its end. Event streams are not in it.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60],
      registers,
    });
    this.#streams = new Gauge({
      name: 'rovi_event_streams',
      help: 'Event streams that are open now.',
      labelNames: ['kind'],
      registers,
    });
    new Gauge({
      name: 'rovi_build_info',
      help: 'Always 1: what the gateway is.',
      labelNames: ['version', 'node_version'],
      registers,
    }).set({ version: options.version, node_version: process.version }, 1);
    registerProcessMetrics(this.#registry);
  }

  /** Begins to count operations; returns how to end that. */
  listen(): () => void {
    return this.#options.conductor.subscribe((event) => {
      if (event.type === 'operation') this.#count(event.operation);
    });
  }

  /** Counts a request. */
  answered({ method, route, status, seconds }: AnsweredRequest): void {
    this.#requestSeconds.observe({ method, route, status: String(status) }, seconds);
  }

  /** Everything at this moment, in Prometheus' text format 0.0.4. */
  text(): Promise<string> {
    const snapshot = this.#options.conductor.snapshot();
    this.#robot.show(snapshot);
    this.#services.show(snapshot);
    this.#tickets.show(this.#options.tickets);
    for (const [kind, streams] of Object.entries(this.#options.streams))
      this.#streams.set({ kind }, streams.size);
    return this.#registry.metrics();
  }

  /** An operation is told at each step, and may be told again after its end. */
  #count({ id, kind, outcome, duration_ms }: Operation): void {
    if (outcome === 'running') {
      this.#running.add(id);
      return;
    }
    if (!this.#running.delete(id)) return;
    this.#operations.inc({ kind, outcome });
    this.#operationSeconds.observe({ kind, outcome }, (duration_ms ?? 0) / 1000);
  }
}
