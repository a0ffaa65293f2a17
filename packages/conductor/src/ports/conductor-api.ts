import type {
  Actor,
  FaceStatus,
  FailureReport,
  Impact,
  Operation,
  HealthHistory,
  Maintenance,
  MaintenanceBody,
  OperationKind,
  StackCommandKind,
  Recovery,
  Reload,
  ExternalService,
  Origin,
  Resources,
  RoviEvent,
  Snapshot,
  StackDetail,
  Ticket,
  TicketDeskStatus,
  Timeline,
} from '@rovi/contract';

/** A command as a face hands it over. */
export interface Command {
  readonly kind: OperationKind;
  /** The stack; for all kinds but `stop-all` either this or `service`. */
  readonly stack?: string;
  readonly service?: string;
  /** restart of a service: what ran and needs it is started again. */
  readonly cascade?: boolean;
  /** scale: how many instances are meant to run. */
  readonly instances?: number;
  readonly actor: Actor;
  /** Where it came from, for the audit. */
  readonly origin: Origin;
  readonly reason: string;
  /** The token of the {@link ConductorApi.impact} that was shown to who commands: refused where it is another by now. */
  readonly confirm?: string;
}

/** What a command on a service is meant to do. */
export interface ServiceIntent {
  readonly kind: Exclude<OperationKind, 'stop-all' | 'switch'>;
  readonly service: string;
  readonly cascade?: boolean;
  readonly instances?: number;
}

/** Who changes something that is no operation of units, for the record and the audit. */
export interface Request {
  readonly actor: Actor;
  readonly origin: Origin;
  readonly reason: string;
}

/** The conductor as every face sees it. */
export interface ConductorApi {
  /** The state now; never waits. */
  snapshot(): Snapshot;
  /** One stack with its figures. Rejects with `stack-unknown`. */
  detail(stack: string): Promise<StackDetail>;
  /**
   * Why the stack's last run ended, what it said, what to do. Rejects with `stack-unknown`, with `not-found` where it was
   * stopped, runs, or never ran, and with `bus-unavailable` where that is not known.
   */
  failure(stack: string): Promise<FailureReport>;
  /** What one of the conductor's units uses now; figures that cannot be had are null. May reject with a RoviError. */
  resources(unit: string): Promise<Resources>;
  /** A face that lives apart tells how it is: kept for {@link snapshot}, told to every other face. */
  reportFace(face: FaceStatus): void;
  /** What a command would hit now; `stack` for all kinds but `stop-all`. Throws `stack-unknown` or `bus-unavailable`. */
  impact(kind: StackCommandKind, stack?: string): Impact;
  /** The same for a service, with the order of units. Throws `service-unknown`, `scale-refused` or `bus-unavailable`. */
  serviceImpact(intent: ServiceIntent): Impact;
  /** The last looks of every health check of a service. Throws `service-unknown`. */
  healthHistory(service: string): HealthHistory;
  /** Puts a unit or the robot into maintenance, or changes it. Rejects with `not-found`, `bad-request`, `state-unwritable`. */
  maintain(body: MaintenanceBody, request: Request): Promise<Maintenance>;
  /** Ends a maintenance; null is the robot's. Rejects with `not-found` where there is none, or `state-unwritable`. */
  endMaintenance(target: string | null, request: Request): Promise<void>;
  /** Sets right what can be: resets failed services, begins their supervision anew, reads everything again. */
  recover(request: Request): Promise<Recovery>;
  /** Reads the catalog file again and takes over what needs no root. Rejects with `catalog-unreadable`, `catalog-invalid`. */
  reload(request: Request): Promise<Reload>;
  /** A face tells what services others run: replaces what it told before. */
  reportExternal(services: readonly ExternalService[]): void;
  /** The desk tells how tickets are, and of the one that is new or went on: kept for {@link snapshot}, told to every face. */
  reportTickets(ticket: Ticket | null, desk: TicketDeskStatus): void;
  /**
   * Accepts or refuses at once: throws a RoviError (`stack-unknown`, `stack-busy`, `operation-in-progress`,
   * `situation-changed`, `bus-unavailable`) where the command is not begun; otherwise returns its record and a promise of the final one.
   * That promise never rejects: the outcome is in the record.
   */
  command(command: Command): { readonly operation: Operation; readonly finished: Promise<Operation> };
  /** The last operations, newest first. */
  operations(): readonly Operation[];
  operation(id: string): Operation | undefined;
  /** The last 1,000 changes of state of this run, the last operations, and the last 500 incidents. */
  timeline(): Timeline;
  /** When the stack, the service or `gateway`, was last seen to be up again after a restart, by whomever; null where none was seen. */
  lastRestart(name: string): string | null;
  /**
   * Calls the listener for each event from now on, in order; returns how to end that. What it throws reaches nobody but
   * the conductor's `onListenerFault`.
   */
  subscribe(listener: (event: RoviEvent) => void): () => void;
  /** Events after `since` of this run, oldest first; null where they are no longer kept or `bootId` is another run's. */
  eventsSince(since: number, bootId: string): readonly RoviEvent[] | null;
}
