import type {
  CheckStatus,
  HealthHistory,
  Impact,
  Incident,
  Operation,
  SupervisedService,
} from '@rovi/contract';
import { dependentsOf } from '@rovi/contract';
import type { AuditLog } from '../ports/audit-log.js';
import type { Clock } from '../ports/clock.js';
import type { Command, ServiceIntent } from '../ports/conductor-api.js';
import type { HealthProber } from '../ports/health-prober.js';
import type { Journal } from '../ports/journal.js';
import type { MarkStore } from '../ports/mark-store.js';
import type { SupervisionStore } from '../ports/supervision-store.js';
import type { UnitManager, UnitManagerEvent, UnitReading } from '../ports/unit-manager.js';
import { HealthIncidents } from './health-incidents.js';
import { HealthMonitor } from './health-monitor.js';
import { ServiceExecutor } from './service-executor.js';
import type { Services as Declared } from './service-observer.js';
import { ServiceObserver } from './service-observer.js';
import type { MaintenanceView } from './service-parts.js';
import { supervisedServiceOf } from './service-status.js';
import { Supervisor } from './supervisor.js';

/** What services tell of. */
export type ServicesChange =
  | { readonly kind: 'service'; readonly service: SupervisedService }
  | { readonly kind: 'operation'; readonly operation: Operation }
  | { readonly kind: 'incident'; readonly incident: Incident };

export interface ServicesOptions {
  readonly bootId: string;
  readonly services: Declared;
  readonly units: UnitManager;
  readonly journal: Journal;
  /** Marks of `unless-stopped` services that somebody stopped. */
  readonly stoppedMarks: MarkStore;
  readonly clock: Clock;
  readonly prober: HealthProber;
  /** Whether a stack runs whole; null where that is not known, or there is none of that name. */
  readonly stackReady: (name: string) => boolean | null;
  readonly maintenance: MaintenanceView;
  readonly audit: AuditLog;
  readonly supervision: SupervisionStore;
  readonly tell: (change: ServicesChange) => void;
}

/** Everything about services that the conductor does: eye, hand, health, supervision and maintenance, put together. */
export class Services {
  readonly #options: ServicesOptions;
  readonly #observer: ServiceObserver;
  readonly #health: HealthMonitor;
  readonly #supervisor: Supervisor;
  readonly #healthIncidents = new HealthIncidents();
  readonly #executor: ServiceExecutor;
  readonly #shown = new Map<string, string>();
  #lostSince: string;

  constructor(options: ServicesOptions) {
    this.#options = options;
    this.#observer = new ServiceObserver(options.services);
    this.#health = new HealthMonitor(options);
    this.#executor = new ServiceExecutor({
      ...options,
      observer: this.#observer,
      readiness: this.#health,
      health: this.#health,
      tell: (operation) => this.#tellOperation(operation),
      tellIncident: (incident) => options.tell({ kind: 'incident', incident }),
    });
    this.#supervisor = new Supervisor({
      ...options,
      observer: this.#observer,
      health: this.#health,
      store: options.supervision,
      operationOn: (service) => this.#executor.operationOn(service),
      tell: (incident) => options.tell({ kind: 'incident', incident }),
      changed: (service) => this.#show(service),
    });
    this.#lostSince = this.#now();
  }

  /** The catalog's services. */
  get declared(): Declared {
    return this.#observer.services;
  }

  /** Every unit that is to be watched for them. */
  get units(): string[] {
    return this.#observer.units;
  }

  /** Loads what outlived the last run and begins to supervise. */
  async start(): Promise<void> {
    await this.#supervisor.start();
    this.#observer.subscribe((change) => {
      this.#executor.instanceChanged(change);
      this.#health.instanceChanged(change);
      this.#supervisor.instanceChanged(change);
      this.#show(change.now.service);
    });
    this.#health.subscribe((service, id, _, now) => {
      this.#supervisor.healthChanged(service, id, now);
      this.#show(service);
      const incident = this.#healthIncidents.changed(service, id, now);
      if (incident !== null) this.#options.tell({ kind: 'incident', incident });
    });
  }

  /** Lets go: nothing is probed, planned or sent any more. What runs goes on. */
  async stop(): Promise<void> {
    await this.#executor.close();
    this.#health.stop();
    await this.#supervisor.stop();
  }

  /** The catalog's services from now on. */
  declare(services: Declared): void {
    this.#observer.declare(services);
    this.#health.declare(services);
    this.#supervisor.declare(services);
  }

  /** Takes in one event of the UnitManager. */
  observe(event: UnitManagerEvent): void {
    if (event.kind === 'disconnected') this.#lostSince = this.#now();
    this.#observer.observe(event);
  }

  /** By priority, then by name. */
  statuses(): SupervisedService[] {
    return Object.entries(this.#observer.services)
      .sort(([a, one], [b, other]) => one.priority - other.priority || (a < b ? -1 : 1))
      .map(([name]) => this.status(name));
  }

  /** Throws `service-unknown`. */
  status(name: string): SupervisedService {
    return supervisedServiceOf(name, {
      observer: this.#observer,
      health: this.#health,
      supervision: this.#supervisor,
      maintenance: this.#options.maintenance,
      scale: this.#executor,
      now: this.#now(),
      lostSince: this.#lostSince,
    });
  }

  /** Throws `service-unknown`, `scale-refused` or `bus-unavailable`. */
  impact(intent: ServiceIntent): Impact {
    return this.#executor.impact(intent);
  }

  command(command: Command): { readonly operation: Operation; readonly finished: Promise<Operation> } {
    const accepted = this.#executor.command(command);
    // In the same turn: nothing that was planned is sent after this.
    const { kind, service = '' } = command;
    const stopped = kind === 'stop' ? dependentsOf(this.#observer.services, service) : [];
    for (const name of [service, ...stopped]) this.#supervisor.commanded(name);
    return accepted;
  }

  /** The operations under way, oldest first. */
  get operations(): Operation[] {
    return this.#executor.operations;
  }

  /** The operation that has the service in hand; null where nobody commanded what happens to it. */
  operationOn(service: string): Operation | null {
    return this.#executor.operationOn(service);
  }

  history(service: string): HealthHistory {
    this.#observer.entry(service);
    return this.#health.history(service);
  }

  /** Tells of the services that are shown differently since a maintenance began or ended. */
  maintenanceChanged(): void {
    for (const name of Object.keys(this.#observer.services)) this.#show(name);
  }

  /** What is known of a unit of theirs; null where nothing is, or it is another's. */
  known(unit: string): UnitReading | null {
    return this.#observer.byUnit(unit)?.knowledge?.reading ?? null;
  }

  /** Begins the supervision of all services anew; answers with those for which that makes a difference. */
  superviseAnew(): string[] {
    return Object.keys(this.#observer.services).filter((name) => this.#supervisor.commanded(name));
  }

  /** What is meant to run may change with an operation alone. */
  #tellOperation(operation: Operation): void {
    this.#options.tell({ kind: 'operation', operation });
    if (operation.service !== null) this.#show(operation.service);
  }

  /** Tells of the service if anything but what it says of single looks changed. */
  #show(name: string): void {
    const service = this.status(name);
    const text = JSON.stringify({ ...service, as_of: null }, withoutLooks);
    if (this.#shown.get(name) === text) return;
    this.#shown.set(name, text);
    this.#options.tell({ kind: 'service', service });
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

/** For JSON: hundreds of checks are looked at all the time, and a look that changes nothing is no event. */
function withoutLooks(this: unknown, key: string, value: unknown): unknown {
  if (key !== 'checks' || !Array.isArray(value)) return value;
  return value.map(({ name, passing, last }: CheckStatus) => ({ name, passing, looked: last !== null }));
}
