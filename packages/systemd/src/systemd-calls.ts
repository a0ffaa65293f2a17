import type { Resources } from '@rovi/contract';
import { BusFailure } from './bus-failure.js';
import type { SystemdLink } from './systemd-link.js';
import { MANAGER, MANAGER_PATH, PROPERTIES, SERVICE, UNIT } from './systemd-names.js';
import type { UnitRecord, UnitRow } from './unit-record.js';
import { unitRow, unwrapped } from './unit-record.js';

/** What a list does not tell of a unit, by interface. */
const details: readonly (readonly [iface: string, name: string])[] = [
  [UNIT, 'InvocationID'],
  [UNIT, 'StateChangeTimestamp'],
  [UNIT, 'StateChangeTimestampMonotonic'],
  [UNIT, 'ConditionTimestamp'],
  [UNIT, 'ConditionResult'],
  [SERVICE, 'Result'],
  [SERVICE, 'MainPID'],
  [SERVICE, 'ExecMainCode'],
  [SERVICE, 'ExecMainStatus'],
  [SERVICE, 'NRestarts'],
  [SERVICE, 'ControlGroup'],
];

const POLKIT = 'org.freedesktop.PolicyKit1';

/** systemd's "not set" for 64-bit figures. */
const UNSET = 0xffff_ffff_ffff_ffffn;

/** What queues each kind of job. */
const members = { start: 'StartUnit', stop: 'StopUnit', restart: 'RestartUnit' } as const;

/** The few methods of systemd's D-Bus API that we use. All reject with a BusFailure. */
export class SystemdCalls {
  readonly #link: SystemdLink;

  constructor(link: SystemdLink) {
    this.#link = link;
  }

  /** Queues a job, replacing one that contradicts it; sent in this very turn. Resolves with the job's path. */
  async queueJob(verb: keyof typeof members, unit: string, deadlineMs: number): Promise<string> {
    // Not StartUnitWithFlags: the bus policy that systemd ships lets only root send it (252). A start that a condition
    // skipped therefore ends as `done`, and the reading tells.
    const call = {
      member: members[verb],
      signature: 'ss',
      body: [unit, 'replace'],
      urgent: true,
    };
    try {
      const [path] = await this.#link.call({ path: MANAGER_PATH, interface: MANAGER, ...call }, deadlineMs);
      return String(path);
    } catch (failure) {
      const denied = failure instanceof BusFailure && failure.errorName.endsWith('.AccessDenied');
      if (!denied || (await this.#link.hasOwner(POLKIT))) throw failure;
      // A polkit that had refused would be there; without one systemd denies in the same words.
      throw new BusFailure('reply', `${POLKIT} is not on the bus`, failure.errorName, failure);
    }
  }

  /**
   * Reads the units into their records. Details are asked only of units that are up or failed: asking for those of an
   * inactive unit makes systemd load it, which it announces to everyone.
   */
  async refresh(records: readonly UnitRecord[], deadlineMs: number): Promise<void> {
    if (records.length === 0) return;
    const until = performance.now() + deadlineMs;
    const wanted = (record: UnitRecord): boolean => record.reading.activeState !== 'inactive';
    const first = new Set(records.filter(wanted));
    await Promise.all([
      this.list(records, deadlineMs),
      ...[...first].map((one) => this.#details(one, deadlineMs)),
    ]);
    const left = Math.max(1, until - performance.now());
    const second = records.filter((record) => wanted(record) && !first.has(record));
    await Promise.all(second.map((record) => this.#details(record, left)));
  }

  /** Processes in the unit's control group: PID and command line. Empty for a unit that is not loaded. */
  async processes(unit: string, deadlineMs: number): Promise<ReadonlyMap<number, string>> {
    try {
      const [rows] = await this.#link.call(
        {
          path: MANAGER_PATH,
          interface: MANAGER,
          member: 'GetUnitProcesses',
          signature: 's',
          body: [unit],
        },
        deadlineMs,
      );
      return new Map((rows as [string, number, string][]).map(([, pid, line]) => [pid, line]));
    } catch (failure) {
      if (failure instanceof BusFailure && /\.(?:NoSuchUnit|UnitNotLoaded)$/.test(failure.errorName))
        return new Map();
      throw failure;
    }
  }

  /** Makes systemd forget the unit's failure and its start limit; nothing is done for a unit that is not loaded. */
  async resetFailed(unit: string, deadlineMs: number): Promise<void> {
    const call = { member: 'ResetFailedUnit', signature: 's', body: [unit] };
    try {
      await this.#link.call({ path: MANAGER_PATH, interface: MANAGER, ...call }, deadlineMs);
    } catch (failure) {
      if (failure instanceof BusFailure && /\.(?:NoSuchUnit|UnitNotLoaded)$/.test(failure.errorName)) return;
      throw failure;
    }
  }

  /** One property; undefined where the object or the property does not exist. `taken` gets it in the order of arrival. */
  async property(
    path: string,
    iface: string,
    name: string,
    deadlineMs: number,
    taken?: (value: unknown) => void,
  ): Promise<unknown> {
    try {
      const body = await this.#link.call(
        { path, interface: PROPERTIES, member: 'Get', signature: 'ss', body: [iface, name] },
        deadlineMs,
        taken === undefined ? undefined : ([value]) => taken(value),
      );
      return unwrapped(body[0]);
    } catch (failure) {
      if (failure instanceof BusFailure && failure.kind === 'reply') return undefined;
      throw failure;
    }
  }

  /** systemd's own accounting, for where the control groups cannot be seen. */
  async resources(path: string, deadlineMs: number): Promise<Resources> {
    const [cpu, memory] = await Promise.all(
      ['CPUUsageNSec', 'MemoryCurrent'].map((name) => this.property(path, SERVICE, name, deadlineMs)),
    );
    const figure = (value: unknown): number | null =>
      typeof value !== 'bigint' || value === UNSET ? null : Number(value);
    const nanoseconds = figure(cpu);
    const bytes = figure(memory);
    return {
      cpu_seconds: nanoseconds === null ? null : nanoseconds / 1e9,
      memory_bytes: bytes,
      source: nanoseconds === null && bytes === null ? 'none' : 'cgroup',
    };
  }

  /** Reads load state, active state, sub state and job of the units into their records: one message for all. */
  async list(records: readonly UnitRecord[], deadlineMs: number): Promise<void> {
    const take = ([rows]: readonly unknown[]): void => {
      const byUnit = new Map<string, UnitRow>();
      for (const row of rows as unknown[][]) byUnit.set(String(row[0]), unitRow(row));
      for (const record of records) record.mergeRow(byUnit.get(record.unit) ?? missing(record.unit));
    };
    await this.#link.call(
      {
        path: MANAGER_PATH,
        interface: MANAGER,
        member: 'ListUnitsByNames',
        signature: 'as',
        body: [records.map(({ unit }) => unit)],
      },
      deadlineMs,
      take,
    );
  }

  /** As {@link list} for one unit, but without making systemd load it: one that is not loaded is inactive. */
  async listLoaded(record: UnitRecord, deadlineMs: number): Promise<void> {
    const take = ([rows]: readonly unknown[]): void => {
      const row = (rows as unknown[][]).find(([unit]) => unit === record.unit);
      const { loadState } = record.reading;
      record.mergeRow(row === undefined ? { ...missing(record.unit), loadState } : unitRow(row));
    };
    await this.#link.call(
      {
        path: MANAGER_PATH,
        interface: MANAGER,
        member: 'ListUnitsByPatterns',
        signature: 'asas',
        body: [[], [record.unit.replace(/[\\*?[]/g, '\\$&')]],
      },
      deadlineMs,
      take,
    );
  }

  async controlGroup(record: UnitRecord, deadlineMs: number): Promise<void> {
    const take = (value: unknown): void => record.merge({ ControlGroup: value });
    await this.property(record.path, SERVICE, 'ControlGroup', deadlineMs, take);
  }

  async #details(record: UnitRecord, deadlineMs: number): Promise<void> {
    await Promise.all(
      details.map(([iface, name]) =>
        this.property(record.path, iface, name, deadlineMs, (value) => record.mergeAnswer(name, value)),
      ),
    );
  }
}

/** systemd leaves out of its list what it does not take for a unit's name. */
function missing(unit: string): UnitRow {
  return { unit, loadState: 'not-found', activeState: 'inactive', subState: 'dead', job: null };
}
