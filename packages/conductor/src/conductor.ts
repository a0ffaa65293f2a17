import type {
  Catalog,
  ExternalService,
  FaceStatus,
  HealthHistory,
  Maintenance,
  MaintenanceBody,
  Recovery,
  Reload,
  FailureReport,
  Impact,
  Operation,
  StackCommandKind,
  Resources,
  RoviEvent,
  Snapshot,
  StackDetail,
  Ticket,
  TicketDeskStatus,
  Timeline as TimelineReply,
} from '@rovi/contract';
import { allServices, stackUnit } from '@rovi/contract';
import { audited, auditedRequest } from './audited.js';
import { changedSince } from './changed-since.js';
import { Chronicle } from './chronicle.js';
import { requireKnown } from './bus-needed.js';
import { Executor, stackCommandOf } from './executor.js';
import type { StackCommand } from './executor.js';
import { failureReport, noFailure } from './failure-report.js';
import { impactOf } from './impact.js';
import { Observer } from './observer.js';
import type { AuditLog } from './ports/audit-log.js';
import type { CatalogSource } from './ports/catalog-source.js';
import type { Clock } from './ports/clock.js';
import type { Command, ConductorApi, Request, ServiceIntent } from './ports/conductor-api.js';
import type { HealthProber } from './ports/health-prober.js';
import type { Journal } from './ports/journal.js';
import type { StackLock } from './ports/stack-lock.js';
import type { UnitManager } from './ports/unit-manager.js';
import type { Policy } from './stack-status.js';
import { planReload, reloadIncident, reloadOf } from './reload-plan.js';
import type { MarkStore } from './ports/mark-store.js';
import type { SupervisionStore } from './ports/supervision-store.js';
import { maintenanceText } from './maintenance-refusal.js';
import { MaintenanceBook } from './services/maintenance-book.js';
import { recover, recoveryIncident, watchedOnlyOf } from './services/recovery.js';
import type { Recoverable } from './services/recovery.js';
import { Services } from './services/services.js';
import type { ServicesChange } from './services/services.js';

export interface ConductorOptions {
  readonly policy: Policy;
  readonly version: string;
  readonly units: UnitManager;
  readonly lock: StackLock;
  readonly journal: Journal;
  readonly audit: AuditLog;
  /** For {@link ConductorApi.reload}. */
  readonly catalog: CatalogSource;
  readonly clock: Clock;
  readonly prober: HealthProber;
  /** The gateway's own environment, against which stacks' `expects_environment` is checked. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What keeps units from starting, by name; systemd looks at these files. */
  readonly maintenanceMarks: MarkStore;
  /** The `unless-stopped` services that an operator stopped; systemd looks at these files at boot. */
  readonly stoppedMarks: MarkStore;
  readonly supervision: SupervisionStore;
  /** Told of the catalog that is in force after each reload, before any event of it. */
  readonly reloaded?: (catalog: Catalog) => void;
  /** Told of the first error that a listener of events threw: a defect of that listener, which nothing here waits for. */
  readonly onListenerFault: (error: unknown) => void;
}

/**
 * The pure core: what every face talks to. It starts no stack and stops none unless commanded; of services it starts and
 * stops by itself only what supervision is about: crash loops, and what is unhealthy.
 */
export class Conductor implements ConductorApi {
  readonly #options: ConductorOptions;
  /** What the parts act on: each entry is replaced where the catalog is reloaded. */
  readonly #policy: { -readonly [K in keyof Policy]: Policy[K] };
  #catalog: Catalog | null = null;
  #reloads: Promise<void> = Promise.resolve();
  readonly #observer: Observer;
  readonly #executor: Executor;
  readonly #services: Services;
  readonly #maintenance: MaintenanceBook;
  readonly #chronicle: Chronicle;
  readonly #bootId = crypto.randomUUID();
  readonly #faces = new Map<string, FaceStatus>();
  #external: readonly ExternalService[] = [];
  #tickets: TicketDeskStatus | null = null;

  constructor(options: ConductorOptions) {
    this.#options = options;
    this.#chronicle = new Chronicle({
      bootId: this.#bootId,
      now: () => this.#now(),
      onListenerFault: options.onListenerFault,
    });
    this.#policy = { ...options.policy };
    const policy = this.#policy;
    this.#maintenance = new MaintenanceBook({
      marks: options.maintenanceMarks,
      clock: options.clock,
      targets: () => [...Object.keys(policy.stacks), ...Object.keys(policy.services)],
      changed: () => this.#maintenanceChanged(),
      tell: (incident) => this.#chronicle.incident(incident),
    });
    this.#observer = new Observer(policy, options.clock, this.#maintenance);
    this.#executor = new Executor(
      { ...options, policy, observer: this.#observer, maintenance: this.#maintenance },
      options.environment,
      (operation) => this.#chronicle.record(operation),
    );
    this.#services = new Services({
      bootId: this.#bootId,
      services: options.policy.services,
      units: options.units,
      journal: options.journal,
      stoppedMarks: options.stoppedMarks,
      clock: options.clock,
      prober: options.prober,
      stackReady: (name) => this.#stackReady(name),
      maintenance: this.#maintenance,
      audit: options.audit,
      supervision: options.supervision,
      tell: (change) => this.#tellServices(change),
    });
  }

  /** Connects to systemd and begins to observe; resolves when the first attempt has ended, whatever came of it. */
  async start(): Promise<void> {
    this.#observer.subscribe((change) => {
      const operation = change.kind === 'stack' ? this.#executor.operationOn(change.stack.name) : null;
      this.#chronicle.observed(change, operation, this.activity);
    });
    await this.#maintenance.start();
    await this.#services.start();
    await this.#options.units.start([...this.#observer.units, ...this.#services.units], (event) => {
      this.#observer.observe(event);
      this.#services.observe(event);
    });
  }

  /** Lets go of systemd. No unit is touched: what runs goes on. */
  async stop(): Promise<void> {
    this.#maintenance.stop();
    await Promise.all([this.#executor.close(), this.#services.stop()]);
    await this.#options.units.stop();
  }

  snapshot(): Snapshot {
    return {
      robot: this.#policy.robot,
      boot_id: this.#bootId,
      seq: this.#chronicle.seq,
      at: this.#now(),
      version: this.#options.version,
      bus: this.#observer.bus,
      gateway: this.#observer.gateway,
      active: this.#observer.known ? this.#observer.holder : null,
      known: this.#observer.known,
      stacks: this.#observer.statuses(),
      services: this.#services.statuses(),
      external: [...this.#external],
      maintenance: [...this.#maintenance.all],
      operation: this.#executor.current,
      service_operations: this.#services.operations,
      tickets: this.#tickets,
      faces: [...this.#faces.values()],
    };
  }

  /** What of the snapshot costs the same however many stacks there are. */
  get activity(): Pick<Snapshot, 'active' | 'known' | 'bus'> {
    const { known, holder, bus } = this.#observer;
    return { active: known ? holder : null, known, bus };
  }

  async detail(name: string): Promise<StackDetail> {
    this.#observer.status(name);
    const resources = await this.#options.units.resources(stackUnit(name));
    return { stack: this.#observer.status(name), resources };
  }

  resources(unit: string): Promise<Resources> {
    return this.#options.units.resources(unit);
  }

  async failure(name: string): Promise<FailureReport> {
    const status = this.#observer.status(name);
    const cause = this.#observer.unaskedEnd(name);
    if (cause !== null) return failureReport({ ...this.#options, policy: this.#policy }, status, cause);
    requireKnown(this.#observer);
    throw noFailure(status);
  }

  reportFace(face: FaceStatus): void {
    this.#faces.set(face.name, face);
    this.#chronicle.tell({ type: 'face', face });
  }

  impact(kind: StackCommandKind, stack?: string): Impact {
    const observer = this.#observer;
    requireKnown(observer);
    return impactOf(
      { kind, stack: kind === 'stop-all' ? null : (stack ?? '') },
      {
        bootId: this.#bootId,
        at: this.#now(),
        stacks: observer.statuses(),
        holder: observer.holder,
        restless: observer.restless,
        starting: this.#executor.starting,
        current: this.#executor.current,
        maintenanceOf: (name) => this.#maintenance.of(name),
      },
    );
  }

  serviceImpact(intent: ServiceIntent): Impact {
    return this.#services.impact(intent);
  }

  healthHistory(service: string): HealthHistory {
    return this.#services.history(service);
  }

  maintain(body: MaintenanceBody, request: Request): Promise<Maintenance> {
    const { target, reason } = body;
    return auditedRequest(
      { command: 'maintain', target, request: { ...request, reason } },
      { log: this.#options.audit, now: () => this.#now(), message: maintenanceText },
      () => this.#maintenance.begin(body, request.actor),
    );
  }

  endMaintenance(target: string | null, request: Request): Promise<void> {
    return auditedRequest(
      { command: 'end-maintenance', target, request },
      { log: this.#options.audit, now: () => this.#now(), message: () => 'maintenance ended' },
      () => this.#maintenance.end(target),
    );
  }

  recover(request: Request): Promise<Recovery> {
    return auditedRequest(
      { command: 'recover', target: null, request },
      { log: this.#options.audit, now: () => this.#now(), message: ({ message }) => message },
      async () => {
        const recovery = await recover(this.#recoverable());
        this.#chronicle.incident(recoveryIncident(recovery));
        return recovery;
      },
    );
  }

  reload(request: Request): Promise<Reload> {
    return auditedRequest(
      { command: 'reload', target: null, request },
      { log: this.#options.audit, now: () => this.#now(), message: ({ message }) => message },
      () => {
        // One after another: each begins with what the last one left in force.
        const reloaded = this.#reloads.then(() => this.#reload());
        this.#reloads = reloaded.then(
          () => undefined,
          () => undefined,
        );
        return reloaded;
      },
    );
  }

  reportExternal(services: readonly ExternalService[]): void {
    this.#external = services;
    this.#chronicle.tell({ type: 'external', external: [...services] });
  }

  reportTickets(ticket: Ticket | null, desk: TicketDeskStatus): void {
    this.#tickets = desk;
    this.#chronicle.tell({ type: 'ticket', ticket, desk });
  }

  command(command: Command): { readonly operation: Operation; readonly finished: Promise<Operation> } {
    return audited(
      command,
      this.#options.audit,
      () => this.#now(),
      () => {
        if (command.service !== undefined) return this.#services.command(command);
        // In one turn with what follows: nothing can change between the comparison and the first message to systemd.
        const onStack = stackCommandOf(command);
        if (onStack.confirm !== undefined && !this.#executor.repeats(onStack))
          this.#requireUnchanged(onStack);
        return this.#executor.command(onStack);
      },
    );
  }

  operations(): readonly Operation[] {
    return this.#chronicle.operations;
  }

  operation(id: string): Operation | undefined {
    return this.#chronicle.operation(id);
  }

  timeline(): TimelineReply {
    return this.#chronicle.timeline();
  }

  lastRestart(name: string): string | null {
    return this.#chronicle.lastRestart(name);
  }

  subscribe(listener: (event: RoviEvent) => void): () => void {
    return this.#chronicle.subscribe(listener);
  }

  eventsSince(since: number, bootId: string): readonly RoviEvent[] | null {
    return this.#chronicle.since(since, bootId);
  }

  #recoverable(): Recoverable {
    const stacks = Object.keys(this.#policy.stacks);
    const services = this.#services.units;
    return {
      units: this.#options.units,
      stackUnits: stacks.map(stackUnit),
      serviceUnits: services,
      watchedOnly: watchedOnlyOf(this.#policy.services),
      watched: [...this.#observer.units, ...services],
      known: (unit) => this.#services.known(unit) ?? this.#observer.reading(unit),
      states: () => {
        const shown = [...this.#observer.statuses(), ...this.#services.statuses()];
        return new Map(shown.map(({ name, state }) => [name, state]));
      },
      superviseAnew: () => this.#services.superviseAnew(),
    };
  }

  async #reload(): Promise<Reload> {
    const { catalog: source } = this.#options;
    const next = await source.read();
    const plan = await planReload(this.#catalog ?? source.first, next, (a, b) => source.changedFiles(a, b));
    this.#catalog = plan.catalog;
    this.#options.reloaded?.(plan.catalog);
    Object.assign(this.#policy, { stacks: plan.catalog.stacks, services: allServices(plan.catalog) });
    this.#services.declare(this.#policy.services);
    if (plan.applied.length > 0) {
      // Anything may read differently now: who folds events begins anew. It contains its own event.
      const snapshot = { ...this.snapshot(), seq: this.#chronicle.seq + 1 };
      this.#chronicle.tell({ type: 'snapshot', snapshot });
    }
    const reload = reloadOf(plan);
    this.#chronicle.incident(reloadIncident(reload));
    return reload;
  }

  /** Whether the stack runs whole; null where that is not known, or there is none of that name. */
  #stackReady(name: string): boolean | null {
    if (!Object.hasOwn(this.#policy.stacks, name)) return null;
    const { state, verdict } = this.#observer.status(name);
    return state === 'UNKNOWN' ? null : state === 'RUNNING' && verdict.level === 'ok';
  }

  #tellServices(change: ServicesChange): void {
    switch (change.kind) {
      case 'operation':
        this.#chronicle.record(change.operation);
        return;
      case 'service':
        this.#chronicle.serviceShown(change.service, this.#services.operationOn(change.service.name));
        return;
      case 'incident':
        this.#chronicle.incident(change.incident);
    }
  }

  #maintenanceChanged(): void {
    this.#observer.maintenanceChanged();
    this.#services.maintenanceChanged();
    this.#chronicle.tell({ type: 'maintenance', maintenance: [...this.#maintenance.all] });
  }

  #requireUnchanged({ kind, stack, confirm }: StackCommand): void {
    const impact = this.impact(kind, stack);
    if (impact.token === confirm) return;
    throw changedSince(impact);
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
