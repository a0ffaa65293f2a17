import type { Resources, UnitProcess } from '@rovi/contract';

/** What systemd says of one unit, as read over D-Bus. Names are systemd's own properties. */
export interface UnitReading {
  readonly unit: string;
  /** `loaded`, `not-found`, `masked`, `bad-setting`, `error`, … */
  readonly loadState: string;
  /** `active`, `reloading`, `inactive`, `failed`, `activating`, `deactivating`, `maintenance`. */
  readonly activeState: string;
  readonly subState: string;
  /** `success`, `exit-code`, `signal`, `timeout`, `watchdog`, `start-limit-hit`, `protocol`, `resources`, … */
  readonly result: string;
  /** 32 hexadecimal digits; null where the unit never ran since it was loaded. */
  readonly invocationId: string | null;
  /** Null while there is no main process. */
  readonly mainPid: number | null;
  /** `ExecMainCode` as CLD_*: 0 none yet, 1 exited, 2 killed, 3 dumped. */
  readonly execMainCode: number;
  /** Exit status, or signal number where `execMainCode` says killed or dumped. */
  readonly execMainStatus: number;
  /** Realtime clock, microseconds since the epoch, when the unit entered its state; null if never. */
  readonly stateChangedUs: number | null;
  /** The same by CLOCK_MONOTONIC, microseconds since the machine started: what ages are told by. */
  readonly stateChangedMonotonicUs: number | null;
  readonly nRestarts: number;
  /** False where a Condition kept the last start from happening. */
  readonly conditionResult: boolean;
  /** cgroup path below the hierarchy's root, empty while the unit has none. */
  readonly controlGroup: string;
  /** The pending job; null where there is none. */
  readonly job: { readonly id: number; readonly type: string } | null;
}

/**
 * How a job ended. `reading.result` is `start-limit-hit` where systemd refused a start for that, whatever it still says of
 * the run before. `result` is the word of systemd's JobRemoved, or `lost` where the bus was lost
 * meanwhile and only the reading tells.
 */
export interface JobOutcome {
  readonly result:
    | 'done'
    | 'canceled'
    | 'timeout'
    | 'failed'
    | 'dependency'
    | 'skipped'
    | 'invalid'
    | 'assert'
    | 'unsupported'
    | 'collected'
    | 'once'
    | 'lost';
  /** Read after the job had ended. */
  readonly reading: UnitReading;
}

/** What a {@link UnitManager} tells while it runs. */
export type UnitManagerEvent =
  | { readonly kind: 'connected' }
  /** Everything known is stale from here until the next `connected`. */
  | { readonly kind: 'disconnected'; readonly error: string }
  /** A watched unit's reading is new or changed. After `connected` each watched unit is reported once. */
  | { readonly kind: 'unit'; readonly reading: UnitReading }
  /** The set of processes in a watched unit's cgroup is new or changed; empty means provably none. */
  | { readonly kind: 'processes'; readonly unit: string; readonly processes: readonly ProcessReading[] };

/** One process, with the names an expected process may be known by (executable, script run by an interpreter, comm). */
export interface ProcessReading extends UnitProcess {
  readonly names: readonly string[];
}

export interface CallOptions {
  /** Milliseconds until the call gives up waiting. The transition itself goes on: read the state again. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal;
}

/**
 * systemd as the conductor needs it. Every method rejects with a RoviError: `bus-unavailable`, `bus-timeout`,
 * `not-authorized`, `authorization-required`, `polkit-unavailable`, `unit-missing`, `unit-masked`.
 */
export interface UnitManager {
  /** Watches exactly these units and keeps (re)connecting until `stop`. Resolves when the first attempt has ended, whatever came of it. */
  start(units: readonly string[], listener: (event: UnitManagerEvent) => void): Promise<void>;
  stop(): Promise<void>;
  /** Watches exactly these from now on; resolves when the new ones have been told of, or the bus is lost. */
  watch(units: readonly string[]): Promise<void>;
  /** Makes systemd forget the unit's failure and its start limit. Rejects also with `not-authorized`: polkit allows it for services alone. */
  resetFailed(unit: string, options: CallOptions): Promise<void>;
  /** Queues a start job (mode `replace`), waits for its end, reads the unit again. */
  startUnit(unit: string, options: CallOptions): Promise<JobOutcome>;
  /** Queues a stop job (mode `replace`: it cancels a pending start), waits for its end, reads the unit again. */
  stopUnit(unit: string, options: CallOptions): Promise<JobOutcome>;
  /**
   * Queues a restart job (mode `replace`), waits for its end, reads the unit again. systemd carries it through whatever
   * becomes of the caller, and restarts with it what runs and requires the unit.
   */
  restartUnit(unit: string, options: CallOptions): Promise<JobOutcome>;
  /** Fresh from systemd, in the order asked; a unit that does not exist reads `not-found`. */
  readUnits(units: readonly string[], options: CallOptions): Promise<UnitReading[]>;
  /** Fresh list of all processes in the unit's cgroup. */
  listProcesses(unit: string, options: CallOptions): Promise<ProcessReading[]>;
  /** Figures for the unit's cgroup, now. Costs no D-Bus message where the cgroup is readable. */
  resources(unit: string): Promise<Resources>;
}
