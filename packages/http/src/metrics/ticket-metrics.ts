import type { TicketDesk } from '@rovi/conductor';
import { ticketStatuses } from '@rovi/contract';
import type { TelemetryMetric } from '@rovi/contract';
import type { Metric } from 'prom-client';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import type Registry from 'prom-client/lib/registry.js';

type Times = Extract<TelemetryMetric, { type: 'histogram' }>;

const TIMES = {
  name: 'rovi_ticket_execution_duration_seconds',
  help: 'How long executions of tickets took, whatever came of them, since the gateway started.',
} as const;

/** The tickets as figures, set at each scrape from the desk's own telemetry, so that the two never differ. */
export class TicketMetrics {
  readonly #tickets: Gauge;
  readonly #created: Counter;
  readonly #executions: Counter;
  readonly #estop: Gauge;
  #times: Times | null = null;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#tickets = new Gauge({
      name: 'rovi_tickets',
      help: 'How many tickets are stored, by their status; absent while that is not known.',
      labelNames: ['status'],
      registers,
    });
    this.#created = new Counter({
      name: 'rovi_tickets_created_total',
      help: 'Tickets that were created, since the gateway started.',
      registers,
    });
    this.#executions = new Counter({
      name: 'rovi_ticket_executions_total',
      help: 'Executions of tickets that ended, since the gateway started.',
      labelNames: ['status'],
      registers,
    });
    this.#estop = new Gauge({
      name: 'rovi_estop_active',
      help: 'Whether the e-stop of tickets is active.',
      registers,
    });
    // prom-client's own histogram can be observed, not set.
    const times = { ...TIMES, get: () => ({ ...TIMES, type: 'histogram', values: this.#timeValues() }) };
    registry.registerMetric(times as unknown as Metric);
  }

  /** Sets every figure to what the desk says. */
  show(desk: Pick<TicketDesk, 'status' | 'telemetry'>): void {
    const { available, counts, estop } = desk.status;
    const metrics = new Map(desk.telemetry().metrics.map((one) => [one.name, one]));
    const figure = (name: string): number => {
      const metric = metrics.get(name);
      return metric === undefined || metric.type === 'histogram' ? 0 : metric.value;
    };
    this.#tickets.reset();
    if (available) for (const status of ticketStatuses) this.#tickets.set({ status }, counts[status]);
    this.#created.reset();
    this.#created.inc(figure('tickets.created'));
    const times = metrics.get('execution.latency_ms');
    this.#times = times?.type === 'histogram' ? times : null;
    const completed = figure('execution.success');
    const failed = figure('execution.failure');
    const ended = { completed, failed, cancelled: (this.#times?.count ?? 0) - completed - failed };
    this.#executions.reset();
    for (const [status, count] of Object.entries(ended)) this.#executions.inc({ status }, count);
    this.#estop.set(estop.active ? 1 : 0);
  }

  #timeValues(): { metricName: string; labels: Record<string, string>; value: number }[] {
    const { name } = TIMES;
    const { buckets = [], sum = 0, count = 0 } = this.#times ?? {};
    return [
      ...buckets.map(({ le, count: value }) => ({
        metricName: `${name}_bucket`,
        labels: { le: le === null ? '+Inf' : String(le / 1000) },
        value,
      })),
      { metricName: `${name}_sum`, labels: {}, value: sum / 1000 },
      { metricName: `${name}_count`, labels: {}, value: count },
    ];
  }
}
