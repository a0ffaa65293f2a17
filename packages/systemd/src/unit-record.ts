import type { UnitReading } from '@rovi/conductor';
import { unitPath } from './unit-path.js';

/** One row of systemd's `ListUnits…` answers, type `(ssssssouso)`. */
export interface UnitRow {
  readonly unit: string;
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  readonly job: UnitReading['job'];
}

/** The row of an `a(ssssssouso)` array element. */
export function unitRow(row: readonly unknown[]): UnitRow {
  const id = Number(row[7]);
  return {
    unit: String(row[0]),
    loadState: String(row[2]),
    activeState: String(row[3]),
    subState: String(row[4]),
    job: id === 0 ? null : { id, type: String(row[8]) },
  };
}

/** What a property's value is inside dbus-next's Variant. */
export function unwrapped(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'signature' in value && 'value' in value
    ? value.value
    : value;
}

const neverRun = {
  result: 'success',
  invocationId: null,
  mainPid: null,
  execMainCode: 0,
  execMainStatus: 0,
  nRestarts: 0,
  conditionResult: true,
  controlGroup: '',
} as const;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** How a run ended: what systemd forgets with a unit that it unloads. */
type RunEnd = 'result' | 'execMainCode' | 'execMainStatus';

const runEnds: ReadonlyMap<string, RunEnd> = new Map([
  ['Result', 'result'],
  ['ExecMainCode', 'execMainCode'],
  ['ExecMainStatus', 'execMainStatus'],
]);

/**
 * What is known of one unit. Signals and replies are merged in the order they arrive, which is the order in which
 * systemd sent them: the record always shows systemd's state as of its last message about the unit.
 */
export class UnitRecord {
  readonly unit: string;
  readonly path: string;
  /** The reading last told to the listener, as text; empty where it must be told anew. */
  told = '';
  /** The control group of that reading. */
  toldGroup = '';
  /** Whether that reading was of a unit at rest. */
  toldAtRest = true;
  /** The last control group that was known; null where none ever was. */
  lastGroup: string | null = null;
  readonly #now: Mutable<UnitReading>;
  #condition = { checked: false, result: true };
  /**
   * Not null once systemd has unloaded the unit and it was asked for again: what it then says of a last run is that there
   * was none, which is kept for when there is one.
   */
  #blank: Partial<Mutable<UnitReading>> | null = null;
  /** What of the end of this very invocation is known. */
  readonly #ended = new Set<RunEnd>();

  constructor(unit: string) {
    this.unit = unit;
    this.path = unitPath(unit);
    this.#now = {
      unit,
      loadState: 'not-found',
      activeState: 'inactive',
      subState: 'dead',
      stateChangedUs: null,
      stateChangedMonotonicUs: null,
      job: null,
      ...neverRun,
    };
  }

  get reading(): UnitReading {
    return { ...this.#now };
  }

  /** Takes in a row: four of the columns of a reading. Whether an inactive unit's group is empty a row does not say. */
  mergeRow(row: UnitRow): void {
    const { loadState, activeState, subState, job } = row;
    Object.assign(this.#now, { loadState, activeState, subState, job });
    if (activeState === 'inactive') this.#now.mainPid = null;
  }

  /**
   * Takes in the answer to a question for one property. It can come from a unit that ended and was unloaded since the
   * answer before it, and that knows of no run: what was known of this run's end stays. A signal would tell if it changed.
   */
  mergeAnswer(name: string, value: unknown): void {
    const key = runEnds.get(name);
    if (key !== undefined && this.#ended.has(key) && String(unwrapped(value)) === String(neverRun[key]))
      return;
    this.merge({ [name]: value });
  }

  /** Takes in properties of any of the unit's interfaces; others than those of a reading are passed over. */
  merge(properties: Readonly<Record<string, unknown>>): void {
    if ('InvocationID' in properties) this.#invoked(unwrapped(properties['InvocationID']));
    for (const [name, variant] of Object.entries(properties)) this.#set(name, unwrapped(variant));
    // ConditionResult is false, and says nothing, where no condition was ever looked at.
    this.#now.conditionResult = this.#condition.result || !this.#condition.checked;
  }

  /** Forgets what systemd forgets of a unit that it unloads. */
  forgetRun(): void {
    const { invocationId, controlGroup } = this.#now;
    Object.assign(this.#now, neverRun, { invocationId, controlGroup });
    this.#condition = { checked: false, result: true };
    this.#blank = null;
    this.#ended.clear();
  }

  setControlGroup(controlGroup: string): void {
    this.#now.controlGroup = controlGroup;
    if (controlGroup !== '') this.lastGroup = controlGroup;
  }

  setJobType(id: number, type: string): boolean {
    if (this.#now.job?.id !== id || this.#now.job.type === type) return false;
    this.#now.job = { id, type };
    return true;
  }

  #invoked(value: unknown): void {
    const id = invocation(value);
    if (id === null) {
      if (this.#now.invocationId !== null) this.#blank ??= {};
      return;
    }
    if (id !== this.#now.invocationId) {
      if (this.#blank !== null) Object.assign(this.#now, this.#blank);
      this.#ended.clear();
    }
    this.#blank = null;
    this.#now.invocationId = id;
  }

  #ofRun<K extends RunEnd>(key: K, value: UnitReading[K]): void {
    if (value === neverRun[key]) this.#ended.delete(key);
    else this.#ended.add(key);
    if (this.#blank === null) this.#now[key] = value;
    else if (value === neverRun[key]) this.#blank[key] = value;
    else {
      // It has run, or was refused to: who runs it is about to be said.
      this.#now[key] = value;
      delete this.#blank[key];
    }
  }

  #set(name: string, value: unknown): void {
    const now = this.#now;
    switch (name) {
      case 'LoadState':
        now.loadState = String(value);
        break;
      case 'ActiveState':
        now.activeState = String(value);
        break;
      case 'SubState':
        now.subState = String(value);
        break;
      case 'Result':
        this.#ofRun('result', String(value));
        break;
      case 'MainPID':
        now.mainPid = Number(value) === 0 ? null : Number(value);
        break;
      case 'ExecMainCode':
        this.#ofRun('execMainCode', Number(value));
        break;
      case 'ExecMainStatus':
        this.#ofRun('execMainStatus', Number(value));
        break;
      case 'StateChangeTimestamp':
        now.stateChangedUs = Number(value) === 0 ? now.stateChangedUs : Number(value);
        break;
      case 'StateChangeTimestampMonotonic':
        now.stateChangedMonotonicUs = Number(value) === 0 ? now.stateChangedMonotonicUs : Number(value);
        break;
      case 'NRestarts':
        now.nRestarts = Number(value);
        break;
      case 'ConditionTimestamp':
        this.#condition.checked = Number(value) !== 0;
        break;
      case 'ConditionResult':
        this.#condition.result = value === true;
        break;
      case 'ControlGroup':
        this.setControlGroup(String(value));
        break;
      case 'Job':
        now.job = jobOf(value, now.job);
        break;
      default:
    }
  }
}

function jobOf(value: unknown, before: UnitReading['job']): UnitReading['job'] {
  const id = Array.isArray(value) ? Number(value[0]) : 0;
  if (id === 0) return null;
  return before?.id === id ? before : { id, type: 'unknown' };
}

function invocation(value: unknown): string | null {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(Array.isArray(value) ? (value as number[]) : []);
  return bytes.length === 16 && bytes.some((byte) => byte !== 0) ? bytes.toString('hex') : null;
}

/** True for a unit that systemd neither runs nor is about to: `inactive` or `failed`. */
export function atRest({ activeState }: UnitReading): boolean {
  return activeState === 'inactive' || activeState === 'failed';
}
