import type {
  CallOptions,
  JobOutcome,
  ProcessReading,
  UnitManager,
  UnitManagerEvent,
  UnitReading,
} from '@rovi/conductor';
import type { Resources } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { DEFAULT_SYSTEM_BUS } from './bus-address.js';
import type { BusSignal } from './bus-connection.js';
import { translateBusFailure } from './bus-error.js';
import { BusFailure } from './bus-failure.js';
import { CgroupTree } from './cgroup-tree.js';
import { Deadline } from './deadline.js';
import type { Logger } from './logger.js';
import { hiddenProcess, ProcFiles, unitOfCgroup } from './proc-files.js';
import { ProcessWatch } from './process-watch.js';
import { SystemdCalls } from './systemd-calls.js';
import { SystemdLink } from './systemd-link.js';
import { MANAGER, MANAGER_PATH, PROPERTIES, UNIT } from './systemd-names.js';
import { UnitJobs } from './unit-jobs.js';
import { unitResources } from './unit-resources.js';
import { atRest, UnitRecord } from './unit-record.js';

/** Milliseconds for the calls that only read. */
const READ_MS = 5_000;
/** Milliseconds from a change among the processes until systemd is asked for a sign of life, and for that to come. */
const DOUBT_MS = 2_000;
const CONFIRM_MS = 8_000;

export interface DbusUnitManagerOptions {
  readonly logger: Logger;
  /** D-Bus address of the system bus; default {@link DEFAULT_SYSTEM_BUS}. */
  readonly busAddress?: string;
  /** Where the control groups of that bus's machine are seen, if not in the usual place. */
  readonly cgroupRoot?: string;
}

/**
 * systemd over its D-Bus API. State comes from signals and is read afresh after each job, reconnection and reload;
 * while nothing changes, nothing is sent. The processes of the unit this process itself belongs to are not watched.
 */
export class DbusUnitManager implements UnitManager {
  readonly #options: DbusUnitManagerOptions;
  readonly #link: SystemdLink;
  readonly #calls: SystemdCalls;
  readonly #jobs: UnitJobs;
  readonly #cgroups: CgroupTree;
  readonly #proc = new ProcFiles();
  readonly #watch: ProcessWatch;
  readonly #ownUnit: string | null;
  #records = new Map<string, UnitRecord>();
  #byPath = new Map<string, UnitRecord>();
  #listener: (event: UnitManagerEvent) => void = () => undefined;
  readonly #completing = new Set<UnitRecord>();
  #connected = false;
  #doubting: NodeJS.Timeout | null = null;

  constructor(options: DbusUnitManagerOptions) {
    this.#options = options;
    this.#link = new SystemdLink({
      address: options.busAddress ?? DEFAULT_SYSTEM_BUS,
      logger: options.logger,
      listener: {
        ready: () => this.#ready(),
        lost: (reason) => this.#lost(reason),
        signal: (signal) => this.#onSignal(signal),
      },
    });
    this.#calls = new SystemdCalls(this.#link);
    this.#jobs = new UnitJobs(this.#calls, {
      record: (unit) => this.#record(unit),
      watched: (record) => this.#records.get(record.unit) === record,
      refresh: (record, deadlineMs) => this.#refresh([record], deadlineMs),
      report: (record) => this.#report(record),
    });
    this.#cgroups = new CgroupTree(options.cgroupRoot);
    this.#ownUnit = unitOfCgroup(this.#proc.cgroup('self'));
    this.#watch = new ProcessWatch(
      { pids: (unit) => this.#pids(unit), process: (pid) => this.#proc.process(pid) },
      options.logger,
      (unit, processes) => {
        this.#tell({ kind: 'processes', unit, processes });
        this.#doubt();
      },
    );
  }

  /** Messages on the present bus connection, for tests and figures. */
  get busMessages(): { readonly sent: number; readonly received: number } {
    return { ...this.#link.counts };
  }

  async start(units: readonly string[], listener: (event: UnitManagerEvent) => void): Promise<void> {
    this.#listener = listener;
    this.#records = new Map(units.map((unit) => [unit, new UnitRecord(unit)]));
    this.#byPath = new Map([...this.#records.values()].map((record) => [record.path, record]));
    this.#watch.start();
    await this.#link.start();
  }

  async watch(units: readonly string[]): Promise<void> {
    const before = this.#records;
    this.#records = new Map(units.map((unit) => [unit, before.get(unit) ?? new UnitRecord(unit)]));
    this.#byPath = new Map([...this.#records.values()].map((record) => [record.path, record]));
    for (const unit of before.keys()) if (!this.#records.has(unit)) this.#watch.rest(unit);
    const added = [...this.#records.values()].filter(({ unit }) => !before.has(unit));
    if (!this.#connected || added.length === 0) return;
    try {
      await this.#refresh(added, READ_MS);
    } catch (failure) {
      // Told with the loss of the connection; the next one reads them all.
      if (this.#connected) throw translateBusFailure(failure, { verb: 'read', unit: units.join(', ') });
    }
  }

  async resetFailed(unit: string, options: CallOptions): Promise<void> {
    const deadline = new Deadline(options);
    try {
      await deadline.race(this.#calls.resetFailed(unit, deadline.leftMs));
    } catch (failure) {
      throw translateBusFailure(failure, { verb: 'reset', unit });
    } finally {
      deadline.end();
    }
  }

  stop(): Promise<void> {
    this.#listener = () => undefined;
    this.#connected = false;
    this.#watch.clear();
    if (this.#doubting !== null) clearTimeout(this.#doubting);
    this.#doubting = null;
    this.#link.stop();
    return Promise.resolve();
  }

  startUnit(unit: string, options: CallOptions): Promise<JobOutcome> {
    return this.#jobs.run('start', unit, options);
  }

  stopUnit(unit: string, options: CallOptions): Promise<JobOutcome> {
    return this.#jobs.run('stop', unit, options);
  }

  restartUnit(unit: string, options: CallOptions): Promise<JobOutcome> {
    return this.#jobs.run('restart', unit, options);
  }

  async readUnits(units: readonly string[], options: CallOptions): Promise<UnitReading[]> {
    const deadline = new Deadline(options);
    const records = units.map((unit) => this.#record(unit));
    try {
      await deadline.race(this.#refresh(records, deadline.leftMs));
      return records.map(({ reading }) => reading);
    } catch (failure) {
      throw translateBusFailure(failure, { verb: 'read', unit: units.join(', ') });
    } finally {
      deadline.end();
    }
  }

  async listProcesses(unit: string, options: CallOptions): Promise<ProcessReading[]> {
    const deadline = new Deadline(options);
    try {
      const listed = await deadline.race(this.#calls.processes(unit, deadline.leftMs));
      // A unit that systemd has unloaded or released can have left a group with processes behind.
      const pids = new Set([...listed.keys(), ...(this.#cgroups.pids(this.#groupOf(unit)) ?? [])]);
      return [...pids].flatMap((pid) => {
        const reading = this.#proc.process(pid);
        return reading === 'gone' ? [] : [reading === 'hidden' ? hiddenProcess(pid) : reading];
      });
    } catch (failure) {
      throw translateBusFailure(failure, { verb: 'read', unit });
    } finally {
      deadline.end();
    }
  }

  async resources(unit: string): Promise<Resources> {
    const group = this.#groupOf(unit);
    if (this.#cgroups.readable) return unitResources(this.#cgroups, this.#proc, group);
    try {
      const record = this.#record(unit);
      return await this.#calls.resources(record.path, READ_MS);
    } catch (failure) {
      throw translateBusFailure(failure, { verb: 'read', unit });
    }
  }

  /** A session has begun: reads every watched unit, tells of it, and settles the jobs whose end was missed. */
  async #ready(): Promise<void> {
    const records = [...this.#records.values()];
    for (const record of records) {
      record.forgetRun();
      record.told = '';
    }
    this.#watch.clear();
    await this.#calls.refresh(records, READ_MS);
    if (this.#link.unavailable !== null) throw new BusFailure('lost', 'systemd left the message bus');
    await this.#jobs.settle(READ_MS);
    this.#connected = true;
    this.#tell({ kind: 'connected' });
    for (const record of records) this.#report(record);
    this.#jobs.resume();
  }

  #lost(reason: string): void {
    this.#connected = false;
    this.#watch.clear();
    this.#options.logger.warn({ reason }, 'connection to systemd lost');
    this.#tell({ kind: 'disconnected', error: reason });
  }

  #onSignal({ path, interface: iface, member, body }: BusSignal): void {
    if (iface === PROPERTIES && member === 'PropertiesChanged') {
      const record = this.#byPath.get(path);
      if (record === undefined) return;
      record.merge(body[1] as Record<string, unknown>);
      // A change is sent for the unit's own type first and for Unit last, so that together they can be taken as one.
      if (this.#connected && body[0] === UNIT) this.#report(record);
    } else if (path === MANAGER_PATH && iface === MANAGER) {
      if (member === 'JobRemoved') this.#jobEnded(body);
      if (member === 'Reloading' && body[0] === false) this.#reread();
    }
  }

  #jobEnded([id, path, unit, result]: readonly unknown[]): void {
    this.#jobs.ended(String(path), String(result));
    const record = this.#records.get(String(unit));
    if (record === undefined || !this.#connected) return;
    // A stop of what has failed changes nothing else. systemd says no type, but every other job would have, or had failed.
    const stopped = result === 'done' && record.reading.activeState === 'failed';
    if (stopped && record.setJobType(Number(id), 'stop')) this.#report(record);
  }

  /**
   * Processes that come and go are seen without the bus. After that systemd is asked for a sign of life: a bus that
   * hangs would keep from us what became of the unit. Nothing is asked while nothing changes.
   */
  #doubt(): void {
    this.#doubting ??= setTimeout(() => {
      this.#doubting = null;
      if (this.#connected) void this.#link.confirm(CONFIRM_MS);
    }, DOUBT_MS);
  }

  /** systemd has read all unit files again: anything may be different. */
  #reread(): void {
    if (!this.#connected) return;
    this.#refresh([...this.#records.values()], READ_MS).catch((err: unknown) => {
      // With the connection, or with us: told already, and all is read anew when it is back.
      if (!this.#connected) return;
      this.#options.logger.warn({ err }, 'units could not be read after a reload of systemd');
    });
  }

  /** Reads the units afresh and tells the listener of what is new. */
  async #refresh(records: readonly UnitRecord[], deadlineMs: number): Promise<void> {
    await this.#calls.refresh(records, deadlineMs);
    if (!this.#connected) throw new BusFailure('lost', 'the connection was lost meanwhile');
    for (const record of records) if (this.#records.get(record.unit) === record) this.#report(record);
  }

  /** Tells of a watched unit if its reading changed, and looks at its processes then. */
  #report(record: UnitRecord): void {
    const { unit } = record;
    const before = record.reading;
    const verb = this.#jobs.verbOf(unit);
    if (before.job?.type === 'unknown' && verb !== undefined) record.setJobType(before.job.id, verb);
    this.#settleGroup(record);
    const { reading } = record;
    const text = JSON.stringify(reading);
    if (text !== record.told) {
      record.told = text;
      const ending = !record.toldAtRest && atRest(reading) && reading.job !== null;
      record.toldAtRest = atRest(reading);
      // Inactive comes before the end of the stop job: the processes it had must not be shown beside it.
      if (ending && unit !== this.#ownUnit) this.#watch.watch(unit);
      this.#tell({ kind: 'unit', reading });
      if (unit === this.#ownUnit) return;
      // Whoever listens knows processes by the control group they were told for.
      if (reading.controlGroup !== record.toldGroup) this.#watch.tellAnew(unit);
      record.toldGroup = reading.controlGroup;
      // While a start job is under way, systemd can still call a unit inactive whose first process is there already.
      if (!atRest(reading)) this.#watch.watch(unit);
      else if (reading.job === null) this.#watch.rest(unit);
    }
    if (this.#isPartial(reading)) this.#complete(record);
  }

  /** Signals do not carry the control group: it is seen where groups are, and asked for where they are not. */
  #settleGroup(record: UnitRecord): void {
    const { controlGroup, unit, job } = record.reading;
    if (!atRest(record.reading)) {
      const path = this.#groupOf(unit);
      if (controlGroup === '' && this.#cgroups.exists(path)) record.setControlGroup(path);
    } else if (job === null) {
      const path = this.#groupOf(unit);
      const left = this.#cgroups.pids(path);
      // A group that cannot be read is no proof that nobody is left.
      if (left !== null) record.setControlGroup(left.length > 0 ? path : '');
    }
  }

  /** True if something that signals leave out is to be asked for; only for units that are in systemd's memory. */
  #isPartial({ activeState, loadState, controlGroup, mainPid, job }: UnitReading): boolean {
    const active = activeState !== 'inactive' && activeState !== 'failed';
    if (job?.type === 'unknown') return true;
    return active && (loadState !== 'loaded' || (controlGroup === '' && mainPid !== null));
  }

  #complete(record: UnitRecord): void {
    if (this.#completing.has(record)) return;
    this.#completing.add(record);
    const reads = [this.#calls.listLoaded(record, READ_MS)];
    if (record.reading.controlGroup === '') reads.push(this.#calls.controlGroup(record, READ_MS));
    Promise.all(reads)
      .then(() => {
        // What systemd left out now it does not have: it is not asked for the same thing in a circle.
        if (this.#connected && this.#records.get(record.unit) === record) this.#report(record);
      })
      .catch((err: unknown) =>
        this.#options.logger.debug({ err, unit: record.unit }, 'unit could not be read'),
      )
      .finally(() => this.#completing.delete(record));
  }

  /** PIDs of a watched unit: from the control group, or from systemd where that cannot be seen. */
  #pids(unit: string): readonly number[] | Promise<readonly number[]> {
    const seen = this.#cgroups.pids(this.#groupOf(unit));
    return seen ?? this.#calls.processes(unit, READ_MS).then((processes) => [...processes.keys()]);
  }

  /** The unit's control group: as last known, else where systemd puts services by default. */
  #groupOf(unit: string): string {
    return this.#record(unit).lastGroup ?? `/system.slice/${unit}`;
  }

  #record(unit: string): UnitRecord {
    return this.#records.get(unit) ?? new UnitRecord(unit);
  }

  #tell(event: UnitManagerEvent): void {
    try {
      this.#listener(event);
    } catch (error) {
      this.#options.logger.error({ err: RoviError.from(error) }, 'a listener of unit events failed');
    }
  }
}
