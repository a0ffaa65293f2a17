import { healthWordSchema, stackStates } from '@rovi/contract';
import type { Snapshot, SupervisedService } from '@rovi/contract';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import type Registry from 'prom-client/lib/registry.js';

/** The services as figures, set at each scrape as those of {@link RobotMetrics} are. */
export class ServiceMetrics {
  readonly #state: Gauge;
  readonly #health: Gauge;
  readonly #wanted: Gauge;
  readonly #running: Gauge;
  readonly #crashes: Counter;
  readonly #restarts: Counter;
  readonly #maintenance: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    this.#state = new Gauge({
      name: 'rovi_service_state',
      help: 'The state of a service: 1 for the one it is in, 0 for the others.',
      labelNames: ['service', 'state'],
      registers,
    });
    this.#health = new Gauge({
      name: 'rovi_service_health',
      help: 'What the health checks of a service say: 1 for that, 0 for the others.',
      labelNames: ['service', 'health'],
      registers,
    });
    this.#wanted = new Gauge({
      name: 'rovi_service_instances_wanted',
      help: 'How many instances of a service are meant to run.',
      labelNames: ['service'],
      registers,
    });
    this.#running = new Gauge({
      name: 'rovi_service_instances_running',
      help: 'How many instances of a service run; absent while that is not known.',
      labelNames: ['service'],
      registers,
    });
    this.#crashes = new Counter({
      name: 'rovi_service_crashes_total',
      help: 'Ends of instances of a service that nobody asked for; kept over restarts of the gateway.',
      labelNames: ['service'],
      registers,
    });
    this.#restarts = new Counter({
      name: 'rovi_service_restarts_total',
      help: 'Automatic restarts of instances of a service; kept over restarts of the gateway.',
      labelNames: ['service'],
      registers,
    });
    this.#maintenance = new Gauge({
      name: 'rovi_maintenance',
      help: 'What is in maintenance: 1 for each stack or service, and with target "" for the robot.',
      labelNames: ['target'],
      registers,
    });
  }

  /** Sets every figure to what the snapshot says. */
  show({ services, maintenance }: Pick<Snapshot, 'services' | 'maintenance'>): void {
    for (const family of [this.#state, this.#health, this.#wanted, this.#running]) family.reset();
    for (const family of [this.#crashes, this.#restarts, this.#maintenance]) family.reset();
    for (const service of services) this.#showService(service);
    for (const { target } of maintenance) this.#maintenance.set({ target: target ?? '' }, 1);
  }

  #showService({ name: service, state: now, health, wanted, instances }: SupervisedService): void {
    for (const state of stackStates) this.#state.set({ service, state }, state === now ? 1 : 0);
    for (const word of healthWordSchema.options) {
      this.#health.set({ service, health: word }, word === health ? 1 : 0);
    }
    this.#wanted.set({ service }, wanted);
    if (instances.every(({ state }) => state !== 'UNKNOWN')) {
      this.#running.set({ service }, instances.filter(({ state }) => state === 'RUNNING').length);
    }
    for (const { crashes, restarts } of instances) {
      this.#crashes.inc({ service }, crashes);
      this.#restarts.inc({ service }, restarts);
    }
  }
}
