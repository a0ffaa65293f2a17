import type {
  Actor,
  FaceStatus,
  FailureReport,
  Impact,
  Operation,
  OperationKind,
  Origin,
  Resources,
  RoviEvent,
  Snapshot,
  StackDetail,
  Timeline,
} from '@rovi/contract';

/** A command as a face hands it over. */
export interface Command {
  readonly kind: OperationKind;
  /** Required for all kinds but `stop-all`. */
  readonly stack?: string;
  readonly actor: Actor;
  /** Where it came from, for the audit. */
  readonly origin: Origin;
  readonly reason: string;
  /** The token of the {@link ConductorApi.impact} that was shown to who commands: refused where it is another by now. */
  readonly confirm?: string;
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
  impact(kind: OperationKind, stack?: string): Impact;
  /**
   * Accepts or refuses at once: throws a RoviError (`stack-unknown`, `stack-busy`, `operation-in-progress`,
   * `situation-changed`, `bus-unavailable`) where the command is not begun; otherwise returns its record and a promise of the final one.
   * That promise never rejects: the outcome is in the record.
   */
  command(command: Command): { readonly operation: Operation; readonly finished: Promise<Operation> };
  /** The last operations, newest first. */
  operations(): readonly Operation[];
  operation(id: string): Operation | undefined;
  /** The last 1,000 changes of state of this run, and the last operations. */
  timeline(): Timeline;
  /** When the stack, or `gateway`, was last seen to be up again after a restart, by whomever; null where none was seen. */
  lastRestart(name: string): string | null;
  /**
   * Calls the listener for each event from now on, in order; returns how to end that. What it throws reaches nobody but
   * the conductor's `onListenerFault`.
   */
  subscribe(listener: (event: RoviEvent) => void): () => void;
  /** Events after `since` of this run, oldest first; null where they are no longer kept or `bootId` is another run's. */
  eventsSince(since: number, bootId: string): readonly RoviEvent[] | null;
}
