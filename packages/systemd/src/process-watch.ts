/**
 * Sees processes come and go in the control groups of watched units. systemd signals only the main process and an
 * emptied group; of a node that dies inside a running stack it says nothing. The kernel tells of each end (ExitWatch).
 * Of a process that is new nobody tells: for those the group's list of PIDs is looked at, quickly for a while after
 * anything changed, seldom afterwards, and not at all while a unit has no group. That costs no D-Bus message.
 */
import type { ProcessReading } from '@rovi/conductor';
import { ExitWatch } from './exit-watch.js';
import type { Logger } from './logger.js';
import { hiddenProcess } from './proc-files.js';

const QUICK_MS = 20;
/** Between looks at a group in which nothing changes, where ends are told. */
const SLOW_MS = 1_000;
/** The same where they are not. */
const SLOW_ALONE_MS = 250;
/** How long after a change it is looked quickly. */
const QUICK_FOR_MS = 2_000;
/** A process's names change when it executes another program: rarely, and the more so the older it is. */
const NAMES_AGAIN_MS = { least: 5_000, most: 60_000 } as const;

/** Where processes are looked for. Neither throws; a promise that rejects says that the PIDs cannot be had now. */
export interface ProcessSource {
  /** PIDs in the unit's group now. */
  readonly pids: (unit: string) => Promise<readonly number[]> | readonly number[];
  /** The process with its names, where they may be known. */
  readonly process: (pid: number) => ProcessReading | 'hidden' | 'gone';
}

interface Seen {
  reading: ProcessReading;
  readonly since: number;
  readAt: number;
}

interface Watched {
  readonly processes: Map<number, Seen>;
  told: boolean;
  quickUntil: number;
  /** True if it is only looked until no process is left. */
  last: boolean;
  timer: NodeJS.Timeout | null;
}

/** Tells of a unit's processes: all of them, whenever one came, went or changed its names. */
export class ProcessWatch {
  readonly #source: ProcessSource;
  readonly #changed: (unit: string, processes: readonly ProcessReading[]) => void;
  readonly #watched = new Map<string, Watched>();

  readonly #exits: ExitWatch;

  constructor(
    source: ProcessSource,
    logger: Logger,
    changed: (unit: string, processes: readonly ProcessReading[]) => void,
  ) {
    this.#source = source;
    this.#changed = changed;
    this.#exits = new ExitWatch({ logger, ended: (pid) => this.#onExit(pid) });
  }

  /** Makes ready for what {@link watch} will need. */
  start(): void {
    this.#exits.start();
  }

  /** Looks at once and goes on looking until {@link rest}. Where PIDs come at once, so does the first telling. */
  watch(unit: string): void {
    const entry = this.#entry(unit);
    entry.quickUntil = performance.now() + QUICK_FOR_MS;
    this.#look(unit, entry);
  }

  /** Looks once more and then no longer, unless processes are left. */
  rest(unit: string): void {
    const entry = this.#entry(unit);
    entry.quickUntil = 0;
    this.#look(unit, entry, true);
  }

  /** The unit has another control group: its processes are told at the next look, also where they are the same. */
  tellAnew(unit: string): void {
    const entry = this.#watched.get(unit);
    if (entry !== undefined) entry.told = false;
  }

  /** Forgets everything: each unit's processes are told anew after the next {@link watch}. */
  clear(): void {
    for (const { timer } of this.#watched.values()) if (timer !== null) clearTimeout(timer);
    this.#watched.clear();
    this.#exits.stop();
  }

  #onExit(pid: number): void {
    for (const [unit, entry] of this.#watched)
      if (entry.processes.has(pid)) this.#look(unit, entry, entry.last);
  }

  #entry(unit: string): Watched {
    const known = this.#watched.get(unit);
    if (known !== undefined) return known;
    const entry: Watched = { processes: new Map(), told: false, quickUntil: 0, last: false, timer: null };
    this.#watched.set(unit, entry);
    return entry;
  }

  #look(unit: string, entry: Watched, last = false): void {
    entry.last = last;
    if (entry.timer !== null) clearTimeout(entry.timer);
    entry.timer = null;
    const again = (pids: readonly number[]): void => {
      if (this.#watched.get(unit) !== entry) return;
      this.#take(unit, entry, pids);
      if (last && pids.length === 0) return;
      const now = performance.now();
      if (entry.timer !== null) clearTimeout(entry.timer);
      entry.timer = setTimeout(
        () => this.#look(unit, entry, last),
        now < entry.quickUntil ? QUICK_MS : this.#exits.working ? SLOW_MS : SLOW_ALONE_MS,
      );
    };
    const pids = this.#source.pids(unit);
    if (pids instanceof Promise) {
      // A list that could not be had is no proof of anything: what is known stays, and it is asked again.
      pids.then(again, () => again([...entry.processes.keys()]));
    } else {
      again(pids);
    }
  }

  #take(unit: string, entry: Watched, pids: readonly number[]): void {
    const now = performance.now();
    let changed = !entry.told;
    const present = new Set(pids);
    for (const pid of entry.processes.keys()) {
      if (present.has(pid)) continue;
      changed = entry.processes.delete(pid) || changed;
      this.#exits.unwatch(pid);
    }
    for (const pid of present) {
      const seen = entry.processes.get(pid);
      if (seen !== undefined && now - seen.readAt < namesLastMs(now - seen.since)) continue;
      const found = this.#source.process(pid);
      // What was known of a process stays true enough while it cannot be looked at.
      const reading = found === 'hidden' ? (seen?.reading ?? hiddenProcess(pid)) : found;
      if (reading === 'gone') {
        // Gone between the two looks.
        changed = entry.processes.delete(pid) || changed;
        this.#exits.unwatch(pid);
      } else if (seen === undefined) {
        this.#exits.watch(pid);
        entry.processes.set(pid, { reading, since: now, readAt: now });
        changed = true;
      } else {
        seen.readAt = now;
        if (JSON.stringify(seen.reading) === JSON.stringify(reading)) continue;
        seen.reading = reading;
        changed = true;
      }
    }
    if (!changed) return;
    entry.told = true;
    entry.quickUntil = Math.max(entry.quickUntil, entry.processes.size === 0 ? 0 : now + QUICK_FOR_MS);
    this.#changed(
      unit,
      [...entry.processes.values()].map(({ reading }) => reading),
    );
  }
}

/** Milliseconds for which the names of a process of this age are taken for true. */
function namesLastMs(ageMs: number): number {
  if (ageMs < QUICK_FOR_MS) return 0;
  return Math.min(NAMES_AGAIN_MS.most, Math.max(NAMES_AGAIN_MS.least, ageMs / 2));
}
