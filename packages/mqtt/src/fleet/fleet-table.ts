import type { FleetLink, FleetPresence, FleetReport, FleetRobot } from '@rovi/contract';

/** Robots that are shown at most. */
export const FLEET_ROBOTS = 5_000;
/** Heartbeats without a word after which a robot is stale. */
const BEATS = 2.5;
/** Seconds between reports of a robot that has not told how many, as the catalog has it where it says nothing. */
const DEFAULT_HEARTBEAT_S = 20;

/** How a word came. */
export interface Arriving {
  /** Monotonic milliseconds. */
  readonly now: number;
  /** The broker had kept it. */
  readonly retained: boolean;
  /** Seconds that the broker keeps it still; null where it does not say. */
  readonly expiry: number | null;
}

interface Entry {
  readonly robot: string;
  report: FleetReport | null;
  link: FleetLink | null;
  /** Monotonic milliseconds of its last word; null where nobody knows. */
  heardAt: number | null;
  /** From when on a report is due where that is so. */
  dueFrom: number;
  /** Something came by its topics since this gateway has the broker. */
  confirmed: boolean;
  /** Its report is of a run that has begun after the link's last word. */
  outlived: boolean;
  told: string;
}

/** How a robot is to be taken, and until when that holds if nothing comes; Infinity for as long as that. */
export interface Standing {
  readonly presence: FleetPresence;
  readonly reason: string;
  readonly until: number;
}

/** What is to be told since the last time. */
export interface FleetNews {
  readonly robots: readonly FleetRobot[];
  readonly removed: readonly string[];
}

/**
 * The robots of a fleet by what they and the broker say. Pure: time is monotonic milliseconds that it is given. What a
 * robot's own clock says is shown, and never reckoned with.
 */
export class FleetTable {
  readonly #entries = new Map<string, Entry>();
  readonly #changed = new Set<string>();
  readonly #removed = new Set<string>();
  #connected = false;

  get size(): number {
    return this.#entries.size;
  }

  /** Whether it was ever heard of. */
  has(robot: string): boolean {
    return this.#entries.has(robot);
  }

  /** This gateway has the broker. What it knew before is of no worth until the broker has said it again. */
  connect(): void {
    this.#connected = true;
    for (const entry of this.#entries.values()) entry.confirmed = false;
  }

  /** It has lost it. */
  disconnect(): void {
    this.#connected = false;
  }

  /** Takes a report; null where its topic was cleared. False where there is no room for one more robot. */
  report(robot: string, report: FleetReport | null, how: Arriving): boolean {
    const entry = this.#entry(robot, how.now, report === null);
    if (entry === null) return report === null;
    const before = entry.report;
    entry.report = report;
    this.#changed.add(robot);
    if (report === null) return this.#drop(entry);
    entry.confirmed ||= !how.retained;
    const same = before?.boot_id === report.boot_id && before.at === report.at;
    const heardAt = heardAtOf(report, how);
    if (!how.retained) {
      entry.heardAt = how.now;
      entry.outlived = entry.link !== null && entry.link.boot_id !== report.boot_id;
    } else if (!same) entry.heardAt = heardAt;
    // The broker counts in seconds, so that what it says of one word is now a little younger, now a little older.
    else if (heardAt !== null) entry.heardAt = Math.min(entry.heardAt ?? Infinity, heardAt);
    if (!same) entry.dueFrom = how.now;
    return true;
  }

  /** The same for its link. */
  link(robot: string, link: FleetLink | null, how: Arriving): boolean {
    const entry = this.#entry(robot, how.now, link === null);
    if (entry === null) return link === null;
    entry.link = link;
    this.#changed.add(robot);
    if (link === null) return this.#drop(entry);
    entry.confirmed = true;
    entry.outlived = false;
    // That it is not online is the broker's word, or its last.
    if (!how.retained && link.online) {
      entry.heardAt = how.now;
      entry.dueFrom = how.now;
    }
    return true;
  }

  /** How the robot is to be taken now; null for one never heard of. */
  standing(robot: string, now: number): Standing | null {
    const entry = this.#entries.get(robot);
    return entry === undefined ? null : this.#standing(entry, now);
  }

  /** The run of its gateway that is connected; null where that is not known. */
  bootId(robot: string): string | null {
    return this.#entries.get(robot)?.link?.boot_id ?? null;
  }

  /** All, by name. */
  robots(now: number): FleetRobot[] {
    return [...this.#entries.values()]
      .sort((a, b) => (a.robot < b.robot ? -1 : 1))
      .map((entry) => this.#shown(entry, now));
  }

  /** What is other than at the last call, and when it is to be called again though nothing came; Infinity for never. */
  news(now: number): FleetNews & { readonly next: number } {
    let next = Infinity;
    const robots: FleetRobot[] = [];
    for (const entry of this.#entries.values()) {
      const standing = this.#standing(entry, now);
      next = Math.min(next, standing.until);
      const told = `${standing.presence} ${standing.reason}`;
      if (told === entry.told && !this.#changed.has(entry.robot)) continue;
      entry.told = told;
      robots.push(this.#shown(entry, now));
    }
    const removed = [...this.#removed].filter((robot) => !this.#entries.has(robot));
    this.#changed.clear();
    this.#removed.clear();
    return { robots, removed, next };
  }

  #entry(robot: string, now: number, cleared: boolean): Entry | null {
    const known = this.#entries.get(robot);
    if (known !== undefined) return known;
    if (cleared || this.#entries.size >= FLEET_ROBOTS) return null;
    const entry: Entry = {
      robot,
      report: null,
      link: null,
      heardAt: null,
      dueFrom: now,
      confirmed: false,
      outlived: false,
      told: '',
    };
    this.#entries.set(robot, entry);
    return entry;
  }

  /** Forgets a robot of which the broker has nothing any more. */
  #drop(entry: Entry): true {
    if (entry.report === null && entry.link === null) {
      this.#entries.delete(entry.robot);
      this.#changed.delete(entry.robot);
      this.#removed.add(entry.robot);
    }
    return true;
  }

  #shown(entry: Entry, now: number): FleetRobot {
    const { presence, reason } = this.#standing(entry, now);
    const { robot, report, heardAt } = entry;
    const seen = heardAt === null ? null : Math.max(0, Math.round((now - heardAt) / 100) / 10);
    return { robot, presence, reason, seen_s: seen, report };
  }

  #standing({ report, link, heardAt, dueFrom, confirmed, outlived }: Entry, now: number): Standing {
    const lasting = (presence: FleetPresence, reason: string): Standing => ({
      presence,
      reason,
      until: Infinity,
    });
    if (!this.#connected) return lasting('stale', 'this gateway has no connection to the broker');
    if (!confirmed)
      return lasting('stale', 'it has not been heard of since this gateway has the broker again');
    if (link === null) return lasting('stale', 'it does not say whether it is connected');
    if (!link.online && !outlived) return lasting('offline', link.reason || 'it is not connected');
    if (report !== null && link.online && report.boot_id !== link.boot_id) {
      return lasting('stale', 'its gateway was started anew, and has not reported yet');
    }
    const beat = (report?.heartbeat_s ?? DEFAULT_HEARTBEAT_S) * 1_000;
    const until = (heardAt ?? dueFrom) + BEATS * beat;
    if (now < until) return { presence: 'online', reason: '', until };
    return lasting('stale', `nothing came from it for ${String(Math.round((BEATS * beat) / 1_000))} s`);
  }
}

/** When a report was made, by what is left of the time that the broker keeps it; null where that says nothing. */
function heardAtOf({ kept_s }: FleetReport, { now, retained, expiry }: Arriving): number | null {
  if (!retained) return now;
  if (expiry === null || expiry > kept_s) return null;
  return now - (kept_s - expiry) * 1_000;
}
