import type {
  FaceStatus,
  FailureReport,
  Impact,
  Operation,
  OperationKind,
  Resources,
  RoviEvent,
  Snapshot,
  StackDetail,
  Timeline as TimelineReply,
} from '@rovi/contract';
import { RoviError, stackUnit } from '@rovi/contract';
import { audited } from './audited.js';
import { requireKnown } from './bus-needed.js';
import { EventLog } from './event-log.js';
import { Executor } from './executor.js';
import { failureReport, noFailure } from './failure-report.js';
import { impactOf } from './impact.js';
import { Observer } from './observer.js';
import type { AuditLog } from './ports/audit-log.js';
import type { ObserverChange } from './observer.js';
import type { Clock } from './ports/clock.js';
import type { Command, ConductorApi } from './ports/conductor-api.js';
import type { Journal } from './ports/journal.js';
import type { StackLock } from './ports/stack-lock.js';
import type { UnitManager } from './ports/unit-manager.js';
import type { Policy } from './stack-status.js';
import { Timeline } from './timeline.js';

/** Events kept for faces that resume. */
const KEPT_EVENTS = 1000;
/** Operations kept for those who ask. */
const KEPT_OPERATIONS = 200;
/** Changes of state kept for those who ask. */
const KEPT_TRANSITIONS = 1000;

export interface ConductorOptions {
  readonly policy: Policy;
  readonly version: string;
  readonly units: UnitManager;
  readonly lock: StackLock;
  readonly journal: Journal;
  readonly audit: AuditLog;
  readonly clock: Clock;
  /** The gateway's own environment, against which stacks' `expects_environment` is checked. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Told of the first error that a listener of events threw: a defect of that listener, which nothing here waits for. */
  readonly onListenerFault: (error: unknown) => void;
}

/** The pure core: what every face talks to. It starts no stack and stops none unless commanded. */
export class Conductor implements ConductorApi {
  readonly #options: ConductorOptions;
  readonly #observer: Observer;
  readonly #executor: Executor;
  readonly #events: EventLog;
  readonly #timeline = new Timeline(KEPT_TRANSITIONS);
  readonly #since: string;
  readonly #bootId = crypto.randomUUID();
  readonly #operations = new Map<string, Operation>();
  readonly #faces = new Map<string, FaceStatus>();

  constructor(options: ConductorOptions) {
    this.#options = options;
    this.#since = this.#now();
    this.#events = new EventLog(KEPT_EVENTS, options.onListenerFault);
    this.#observer = new Observer(options.policy, options.clock);
    this.#executor = new Executor(
      { ...options, observer: this.#observer },
      options.environment,
      (operation) => this.#record(operation),
    );
  }

  /** Connects to systemd and begins to observe; resolves when the first attempt has ended, whatever came of it. */
  async start(): Promise<void> {
    this.#observer.subscribe((change) => this.#tell(change));
    await this.#options.units.start(this.#observer.units, this.#observer.observe);
  }

  /** Lets go of systemd. No unit is touched: what runs goes on. */
  async stop(): Promise<void> {
    await this.#executor.close();
    await this.#options.units.stop();
  }

  snapshot(): Snapshot {
    return {
      robot: this.#options.policy.robot,
      boot_id: this.#bootId,
      seq: this.#events.seq,
      at: this.#now(),
      version: this.#options.version,
      bus: this.#observer.bus,
      gateway: this.#observer.gateway,
      active: this.#observer.known ? this.#observer.holder : null,
      known: this.#observer.known,
      stacks: this.#observer.statuses(),
      operation: this.#executor.current,
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
    if (cause !== null) return failureReport(this.#options, status, cause);
    requireKnown(this.#observer);
    throw noFailure(status);
  }

  reportFace(face: FaceStatus): void {
    this.#faces.set(face.name, face);
    this.#events.append({ type: 'face', face }, this.#now());
  }

  impact(kind: OperationKind, stack?: string): Impact {
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
      },
    );
  }

  command(command: Command): { readonly operation: Operation; readonly finished: Promise<Operation> } {
    return audited(
      command,
      this.#options.audit,
      () => this.#now(),
      () => {
        // In one turn with what follows: nothing can change between the comparison and the first message to systemd.
        if (command.confirm !== undefined && !this.#executor.repeats(command))
          this.#requireUnchanged(command);
        return this.#executor.command(command);
      },
    );
  }

  operations(): readonly Operation[] {
    return [...this.#operations.values()].reverse();
  }

  operation(id: string): Operation | undefined {
    return this.#operations.get(id);
  }

  timeline(): TimelineReply {
    return {
      boot_id: this.#bootId,
      since: this.#since,
      at: this.#now(),
      transitions: this.#timeline.transitions,
      operations: [...this.operations()],
    };
  }

  lastRestart(name: string): string | null {
    return this.#timeline.lastRestart(name);
  }

  subscribe(listener: (event: RoviEvent) => void): () => void {
    return this.#events.subscribe(listener);
  }

  eventsSince(since: number, bootId: string): readonly RoviEvent[] | null {
    return bootId === this.#bootId ? this.#events.after(since) : null;
  }

  #tell(change: ObserverChange): void {
    const at = this.#now();
    const operation = change.kind === 'stack' ? this.#executor.operationOn(change.stack.name) : null;
    this.#timeline.observe(change, { seq: this.#events.seq + 1, at, operation });
    this.#events.append(eventOf(change), at);
  }

  #requireUnchanged({ kind, stack, confirm }: Command): void {
    const impact = this.impact(kind, stack);
    if (impact.token === confirm) return;
    throw new RoviError(
      'situation-changed',
      `the situation has changed since this was confirmed; nothing was done. Now: ${impact.text}`,
      { mend: 'Look at what it would hit now, then decide again.', context: { impact } },
    );
  }

  #record(operation: Operation): void {
    this.#operations.set(operation.id, operation);
    for (const id of this.#operations.keys()) {
      if (this.#operations.size <= KEPT_OPERATIONS) break;
      this.#operations.delete(id);
    }
    this.#events.append({ type: 'operation', operation }, this.#now());
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

function eventOf(change: ObserverChange) {
  switch (change.kind) {
    case 'stack':
      return { type: 'stack', stack: change.stack } as const;
    case 'gateway':
      return { type: 'gateway', gateway: change.gateway } as const;
    case 'bus':
      return { type: 'bus', bus: change.bus } as const;
  }
}
