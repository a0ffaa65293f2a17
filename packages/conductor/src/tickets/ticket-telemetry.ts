import type { TelemetryEvent, TelemetryMetric, TelemetryMetrics, Ticket } from '@rovi/contract';

/** Upper bounds of the histogram of execution times, in milliseconds. */
const BOUNDS = [10, 50, 100, 500, 1_000, 5_000, 10_000, 30_000, 60_000, 300_000] as const;
/** Events kept for those who ask. */
const KEPT_EVENTS = 1000;

/** Counts and events of tickets, of this run. */
export class TicketTelemetry {
  readonly #now: () => string;
  readonly #since: string;
  readonly #events: TelemetryEvent[] = [];
  readonly #inBuckets = BOUNDS.map(() => 0);
  #created = 0;
  #success = 0;
  #failure = 0;
  #times = { count: 0, sum: 0, min: null as number | null, max: null as number | null };

  constructor(now: () => string) {
    this.#now = now;
    this.#since = now();
  }

  /** Newest first. */
  get events(): readonly TelemetryEvent[] {
    return [...this.#events].reverse();
  }

  /** `total` is of all that are stored. */
  metrics(total: number): TelemetryMetrics {
    const metrics: TelemetryMetric[] = [
      { name: 'tickets.created', type: 'counter', value: this.#created },
      { name: 'tickets.total', type: 'gauge', value: total },
      {
        name: 'execution.latency_ms',
        type: 'histogram',
        ...this.#times,
        buckets: [
          ...BOUNDS.map((le, index) => ({ le, count: this.#inBuckets[index] ?? 0 })),
          { le: null, count: this.#times.count },
        ],
      },
      { name: 'execution.success', type: 'counter', value: this.#success },
      { name: 'execution.failure', type: 'counter', value: this.#failure },
    ];
    return { since: this.#since, metrics };
  }

  created({ id, command, priority }: Ticket): void {
    this.#created += 1;
    this.tell('ticket_created', id, { command, priority });
  }

  started({ id, command, attempts }: Ticket): void {
    this.tell('execution_started', id, { command, attempt: attempts });
  }

  /** `ms` on the monotonic clock. */
  ended({ id, command, status, error, error_code }: Ticket, ms: number): void {
    const { count, sum, min, max } = this.#times;
    this.#times = {
      count: count + 1,
      sum: sum + ms,
      min: Math.min(min ?? ms, ms),
      max: Math.max(max ?? ms, ms),
    };
    for (const [index, bound] of BOUNDS.entries()) {
      if (ms <= bound) this.#inBuckets[index] = (this.#inBuckets[index] ?? 0) + 1;
    }
    const data = { command, execution_time_ms: ms };
    if (status === 'completed') {
      this.#success += 1;
      this.tell('execution_completed', id, data);
    } else if (status === 'cancelled') {
      this.tell('execution_cancelled', id, { ...data, error });
    } else {
      this.#failure += 1;
      this.tell('execution_failed', id, { ...data, error, error_code });
    }
  }

  tell(event: TelemetryEvent['event'], ticket: string | null, data: TelemetryEvent['data'] = {}): void {
    this.#events.push({ event, timestamp: this.#now(), ticket_id: ticket, data });
    if (this.#events.length > KEPT_EVENTS) this.#events.shift();
  }
}
