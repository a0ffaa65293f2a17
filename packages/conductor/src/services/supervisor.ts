import type { Incident, InstanceHealth, Operation } from '@rovi/contract';
import type { RoviError } from '@rovi/contract';
import { dependentsOf } from '@rovi/contract';
import type { AuditLog } from '../ports/audit-log.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { SupervisionRecord, SupervisionStore } from '../ports/supervision-store.js';
import type { UnitManager } from '../ports/unit-manager.js';
import { InstanceSupervisor } from './instance-supervisor.js';
import type { InstanceChange, ServiceObserver, Services } from './service-observer.js';
import type { HealthView, MaintenanceView, SupervisionView } from './service-parts.js';
import { SupervisionHand } from './supervision-hand.js';
import { SupervisionKeeper } from './supervision-keeper.js';
import { tryObstacle } from './try-obstacle.js';

export interface SupervisorOptions {
  readonly observer: ServiceObserver;
  readonly health: Pick<HealthView, 'health'>;
  readonly maintenance: MaintenanceView;
  readonly units: UnitManager;
  readonly journal: Pick<Journal, 'read'>;
  readonly clock: Clock;
  readonly audit: AuditLog;
  readonly store: SupervisionStore;
  /** The operation that has the service in hand; null where none has. */
  readonly operationOn: (service: string) => Operation | null;
  readonly tell: (incident: Incident) => void;
  /** What is shown of the service is different. */
  readonly changed: (service: string) => void;
}

/** What is done about services that fail: counts, plans, tries, gives up, and explains each of it. */
export class Supervisor implements SupervisionView {
  readonly #options: SupervisorOptions;
  readonly #hand: SupervisionHand;
  readonly #keeper: SupervisionKeeper;
  #instances = new Map<string, InstanceSupervisor>();
  /** What was kept of units that are not declared now; they may come back with the catalog. */
  #kept = new Map<string, SupervisionRecord>();

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#hand = new SupervisionHand(options);
    this.#keeper = new SupervisionKeeper({
      ...options,
      records: () => [...this.#kept.values(), ...[...this.#instances.values()].map(({ record }) => record)],
      failed: (error) => this.#report(error),
    });
  }

  /** Takes over what the last gateway knew. Units that are told of before that are not supervised. */
  async start(): Promise<void> {
    const records = await this.#options.store.load();
    this.#kept = new Map(records.map((record) => [record.unit, record]));
    this.declare(this.#options.observer.services);
  }

  /** Nothing is planned or sent any more. Resolves when all is kept. */
  async stop(): Promise<void> {
    for (const instance of this.#instances.values()) instance.close();
    await this.#keeper.stop();
  }

  /** The catalog's services from now on, once the observer has them. */
  declare(services: Services): void {
    const before = this.#instances;
    this.#instances = new Map();
    for (const service of Object.keys(services)) {
      for (const { id, unit } of this.#options.observer.instances(service)) {
        const known = before.get(unit);
        this.#instances.set(unit, known ?? this.#supervise(service, id, unit));
        this.#kept.delete(unit);
      }
    }
    for (const [unit, instance] of before) {
      if (this.#instances.has(unit)) continue;
      instance.close();
      this.#kept.set(unit, instance.record);
    }
  }

  instanceChanged(change: InstanceChange): void {
    this.#instances.get(change.now.unit)?.observe(change);
  }

  healthChanged(service: string, id: number, health: InstanceHealth): void {
    this.#of(service, id)?.healthChanged(health);
  }

  /** Somebody starts or stops the service: what was planned is dropped, in this very turn. Tells whether that makes a difference. */
  commanded(service: string): boolean {
    const instances = this.#options.observer.instances(service);
    return instances.filter(({ unit }) => this.#instances.get(unit)?.commanded() === true).length > 0;
  }

  supervision(service: string, id: number): ReturnType<SupervisionView['supervision']> {
    const view = this.#of(service, id)?.view;
    if (view !== undefined) return view;
    const { starts, tries } = this.#options.observer.entry(service).crash_loop;
    return {
      supervision: {
        phase: 'watching',
        text: '',
        tries: 0,
        tries_max: tries,
        next_at: null,
        starts_left: starts,
        cause: null,
        lines: [],
      },
      crashes: 0,
      restarts: 0,
    };
  }

  #of(service: string, id: number): InstanceSupervisor | undefined {
    return this.#instances.get(this.#options.observer.instance(service, id).unit);
  }

  #supervise(service: string, id: number, unit: string): InstanceSupervisor {
    const { observer, health, clock, journal, tell, changed } = this.#options;
    return new InstanceSupervisor(
      {
        service,
        id,
        unit,
        clock,
        journal,
        hand: this.#hand,
        entry: () => observer.entry(service),
        facts: () => observer.instance(service, id),
        health: () => health.health(service, id),
        obstacle: () => this.#inHand(service) ?? tryObstacle(service, this.#options),
        timeouts: () => this.#timeouts(service),
        tell,
        changed: () => {
          this.#keeper.changed();
          changed(service);
        },
        saved: () => this.#keeper.saved(),
      },
      this.#kept.get(unit) ?? null,
    );
  }

  /** Beside an operation nothing is done: a rolling restart must not have a second instance taken down under it. */
  #inHand(service: string): string | null {
    const operation = this.#options.operationOn(service);
    return operation === null ? null : `the ${operation.kind} of ${operation.actor.name} has it in hand`;
  }

  /** systemd ends what requires the service first, one after the other at worst, and starts it again in the same job. */
  #timeouts(service: string): { readonly start: number; readonly stop: number } {
    const { observer } = this.#options;
    const all = [service, ...dependentsOf(observer.services, service)].map((name) => observer.entry(name));
    return {
      start: observer.entry(service).timeouts.start,
      stop: all.reduce((sum, { timeouts }) => sum + timeouts.stop, 0),
    };
  }

  #report({ code, message, mend }: RoviError): void {
    const text = `the counters of supervision cannot be kept: ${message}`;
    const data = { code, mend };
    this.#options.tell({ type: 'orchestration_error', service: null, instance: null, text, data });
  }
}
