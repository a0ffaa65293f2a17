import type {
  BusStatus,
  Catalog,
  ExitCause,
  ExpectedProcess,
  Maintenance,
  ServiceEntry,
  StackEntry,
  StackState,
  StackStatus,
  UnitStatus,
  VerdictLevel,
} from '@rovi/contract';
import { stackUnit } from '@rovi/contract';
import { exitCauseOf } from './exit-cause.js';
import { maintenanceText } from './maintenance-refusal.js';
import type { ProcessReading, UnitReading } from './ports/unit-manager.js';

/** What the observer knows of one unit. `processes` is null while the cgroup has not been read. */
export interface UnitKnowledge {
  readonly reading: UnitReading;
  readonly processes: readonly ProcessReading[] | null;
  /** True if the last run was seen to end without a job that asked for it. */
  readonly unbidden: boolean;
}

export interface StackFacts {
  readonly name: string;
  readonly entry: StackEntry;
  readonly knowledge: UnitKnowledge | null;
  /** False where the knowledge is from before the bus was lost. */
  readonly fresh: boolean;
  readonly crashes: number;
  /** Its own or the robot's. */
  readonly maintenance: Maintenance | null;
  /** RFC 3339; when the knowledge was last confirmed. */
  readonly asOf: string | null;
}

/** systemd's words for a unit as the contract carries them. */
export function unitStatusOf(unit: string, reading: UnitReading | null): UnitStatus {
  if (reading === null) {
    return {
      unit,
      load_state: 'unknown',
      active_state: 'unknown',
      sub_state: 'unknown',
      result: 'unknown',
      invocation_id: null,
      main_pid: null,
      since: null,
      restarts: 0,
      job: null,
    };
  }
  return {
    unit,
    load_state: reading.loadState,
    active_state: reading.activeState,
    sub_state: reading.subState,
    result: reading.result,
    invocation_id: reading.invocationId,
    main_pid: reading.mainPid,
    since: reading.stateChangedUs === null ? null : new Date(reading.stateChangedUs / 1000).toISOString(),
    restarts: reading.nRestarts,
    job: reading.job,
  };
}

/** Processes of the cgroup, or none where systemd says the unit has no cgroup; null where that is not known. */
function processesOf(knowledge: UnitKnowledge): readonly ProcessReading[] | null {
  return knowledge.processes ?? (knowledge.reading.controlGroup === '' ? [] : null);
}

/** The state of a unit by systemd's word alone, for one whose processes are not looked at. */
export function unitStateOf(activeState: string): StackState {
  switch (activeState) {
    case 'active':
    case 'reloading':
    case 'refreshing':
      return 'RUNNING';
    case 'activating':
      return 'STARTING';
    case 'deactivating':
      return 'STOPPING';
    case 'failed':
      return 'FAILED';
    case 'inactive':
      return 'STOPPED';
    default:
      return 'UNKNOWN';
  }
}

const levels: Readonly<Record<StackState, VerdictLevel>> = {
  RUNNING: 'ok',
  STARTING: 'warn',
  STOPPING: 'warn',
  STOPPED: 'warn',
  MAINTENANCE: 'warn',
  FAILED: 'error',
  UNKNOWN: 'stale',
};

/** What such a state comes to for a unit that is meant to run always. */
export function unitVerdictOf(state: StackState): StackStatus['verdict'] {
  const text = state === 'UNKNOWN' ? 'unknown: systemd cannot be asked, or was not yet' : state.toLowerCase();
  return { level: levels[state], text };
}

/**
 * The state of a stack's unit. A unit that systemd calls inactive is stopped only when its cgroup provably has no
 * process: until then it is STOPPING.
 */
export function stackStateOf(knowledge: UnitKnowledge): StackState {
  const { activeState, job, mainPid } = knowledge.reading;
  if (activeState !== 'inactive') return unitStateOf(activeState);
  // The job comes first, then the first process, and only then is the unit called activating.
  if (job?.type === 'start' || job?.type === 'restart') return 'STARTING';
  // systemd signals a job of its own before it says what that is; what has ended has no main process any more.
  if (job?.type === 'unknown' && mainPid !== null) return 'STARTING';
  return processesOf(knowledge)?.length === 0 ? 'STOPPED' : 'STOPPING';
}

/** True if nothing of the unit is left: no activity, no pending job, and an empty cgroup. Unknown is not at rest. */
export function isAtRest(knowledge: UnitKnowledge): boolean {
  const { activeState, job } = knowledge.reading;
  const processes = processesOf(knowledge);
  return (
    (activeState === 'inactive' || activeState === 'failed') &&
    job === null &&
    processes !== null &&
    processes.length === 0
  );
}

function expectedOf(
  names: readonly string[],
  processes: readonly ProcessReading[] | null,
): ExpectedProcess[] {
  return names.map((name) => {
    const found = processes?.find((process) => process.names.includes(name));
    return { name, present: processes === null ? null : found !== undefined, pid: found?.pid ?? null };
  });
}

/** Everything a face shows of one stack. */
export function stackStatusOf(facts: StackFacts): StackStatus {
  const { knowledge, entry } = facts;
  const processes = knowledge === null ? null : processesOf(knowledge);
  const expected = expectedOf(entry.processes, facts.fresh ? processes : null);
  const state = knowledge === null || !facts.fresh ? 'UNKNOWN' : maintained(stackStateOf(knowledge), facts);
  return {
    name: facts.name,
    description: entry.description,
    fixed_frame: entry.fixed_frame ?? null,
    state,
    verdict: verdictOf({ state, facts, expected, alive: processes?.length ?? 0 }),
    unit: unitStatusOf(stackUnit(facts.name), knowledge?.reading ?? null),
    expected,
    processes: (processes ?? []).map(({ pid, comm }) => ({ pid, comm })).sort((a, b) => a.pid - b.pid),
    failure: knowledge !== null && hasFailed(knowledge) ? exitCauseOf(knowledge.reading) : null,
    crashes: facts.crashes,
    as_of: facts.asOf,
  };
}

/** What is stopped, and is not to be started for now, is as it is meant to be. A failure is shown as one all the same. */
function maintained(state: StackState, { maintenance, knowledge }: StackFacts): StackState {
  const rests = state === 'STOPPED' && knowledge?.reading.loadState === 'loaded';
  return rests && maintenance !== null ? 'MAINTENANCE' : state;
}

/** True as soon as the end of the last run is a failure, also while systemd still ends what is left of it. */
function hasFailed({ reading, unbidden }: UnitKnowledge): boolean {
  if (reading.activeState === 'failed') return true;
  return reading.activeState === 'deactivating' && unbidden && reading.result !== 'success';
}

/** Why the last run ended, where that was a failure, or came by itself and systemd calls it none; else null. */
export function unaskedEndOf(knowledge: UnitKnowledge): ExitCause | null {
  const { activeState } = knowledge.reading;
  const byItself = knowledge.unbidden && (activeState === 'inactive' || activeState === 'deactivating');
  return byItself || hasFailed(knowledge) ? exitCauseOf(knowledge.reading) : null;
}

interface VerdictInput {
  readonly state: StackState;
  readonly facts: StackFacts;
  readonly expected: readonly ExpectedProcess[];
  readonly alive: number;
}

function verdictOf({ state, facts, expected, alive }: VerdictInput): StackStatus['verdict'] {
  const { knowledge } = facts;
  if (knowledge === null) return { level: 'stale', text: 'unknown: systemd has not been asked yet' };
  if (!facts.fresh) {
    const last = stackStateOf(knowledge).toLowerCase();
    return { level: 'stale', text: `unknown: no connection to systemd, last seen ${last}` };
  }
  const { loadState, activeState } = knowledge.reading;
  if (loadState !== 'loaded' && (state === 'STOPPED' || state === 'FAILED')) {
    return { level: 'error', text: loadState === 'not-found' ? 'not installed' : `unit is ${loadState}` };
  }
  switch (state) {
    case 'RUNNING':
      return running(expected);
    case 'STARTING':
      return activeState === 'inactive'
        ? { level: 'warn', text: 'starting' }
        : { level: 'warn', text: 'starting, not ready yet (waits for the stack lock)' };
    case 'STOPPING':
      if (activeState === 'deactivating' && knowledge.unbidden) {
        const left = alive === 0 ? '' : `, ${processCount(alive)} left`;
        return {
          level: 'error',
          text: `ended by itself: ${exitCauseOf(knowledge.reading).text}; systemd cleans up${left}`,
        };
      }
      if (activeState !== 'inactive') {
        return { level: 'warn', text: alive === 0 ? 'stopping' : `stopping, ${processCount(alive)} left` };
      }
      if (knowledge.reading.job !== null) return { level: 'warn', text: 'unit inactive, a job is under way' };
      return alive === 0
        ? { level: 'stale', text: 'unit inactive, processes not read yet' }
        : { level: 'error', text: `unit inactive, but ${processCount(alive)} still alive` };
    case 'FAILED': {
      const cause = `failed: ${exitCauseOf(knowledge.reading).text}`;
      const left = alive === 0 ? '' : `; ${processCount(alive)} still alive`;
      const held = facts.maintenance === null ? '' : `; ${maintenanceText(facts.maintenance)}`;
      return { level: 'error', text: `${cause}${left}${held}` };
    }
    case 'STOPPED':
      // ros2 launch exits 0 when its last node has died, and a SIGTERM counts as success: systemd calls both inactive.
      return knowledge.unbidden
        ? { level: 'warn', text: `ended by itself: ${exitCauseOf(knowledge.reading).text}` }
        : { level: 'ok', text: 'stopped' };
    case 'MAINTENANCE':
      return {
        level: 'ok',
        text: facts.maintenance === null ? 'in maintenance' : maintenanceText(facts.maintenance),
      };
    case 'UNKNOWN':
      return { level: 'stale', text: `unknown: systemd says ${knowledge.reading.activeState}` };
  }
}

function processCount(count: number): string {
  return count === 1 ? '1 process' : `${count} processes`;
}

function running(expected: readonly ExpectedProcess[]): StackStatus['verdict'] {
  if (expected.length === 0) return { level: 'ok', text: 'running' };
  if (expected.some(({ present }) => present === null)) {
    return { level: 'stale', text: 'running, processes not read yet' };
  }
  const missing = expected.filter(({ present }) => present === false).map(({ name }) => name);
  const counted = `running, ${expected.length - missing.length} of ${expected.length} processes`;
  return missing.length === 0
    ? { level: 'ok', text: counted }
    : { level: 'warn', text: `${counted}, ${missing.join(', ')} missing` };
}

/** The order in which several stacks that are not at rest count as the holder of the robot. */
const claim: Readonly<Record<StackState, number>> = {
  RUNNING: 0,
  STOPPING: 1,
  FAILED: 2,
  STARTING: 3,
  UNKNOWN: 4,
  STOPPED: 5,
  MAINTENANCE: 6,
};

/** The stack that holds the robot: of all not at rest, the one with the strongest claim; null where all are at rest. */
export function holderOf(all: ReadonlyMap<string, UnitKnowledge>): string | null {
  let holder: { name: string; rank: number } | null = null;
  for (const [name, knowledge] of all) {
    if (isAtRest(knowledge)) continue;
    const rank = claim[stackStateOf(knowledge)];
    if (holder === null || rank < holder.rank) holder = { name, rank };
  }
  return holder?.name ?? null;
}

/** The parts of the catalog the conductor acts on. */
export type Policy = Pick<Catalog, 'robot' | 'stacks' | 'lock_wait'> & {
  /** The external units among them. */
  readonly services: Readonly<Record<string, ServiceEntry>>;
};

/** A connection that has not been tried yet. */
export function unconnected(at: string): BusStatus {
  return { connected: false, since: at, error: 'not connected yet' };
}
