import type { Actor, Incident, Maintenance, MaintenanceBody } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { Clock } from '../ports/clock.js';
import type { MarkStore } from '../ports/mark-store.js';
import { maintenanceText } from '../maintenance-refusal.js';
import { maintenanceOf, markName, markText } from './maintenance-mark.js';
import type { MaintenanceView } from './service-parts.js';

/** Milliseconds between two looks at the wall clock, which may jump, and at the marks, which others may set. */
const LOOK_MS = 30_000;

export interface MaintenanceBookOptions {
  readonly marks: MarkStore;
  readonly clock: Clock;
  /** What may be in maintenance: the stacks and services of the catalog. */
  readonly targets: () => readonly string[];
  /** Told after each change. */
  readonly changed: () => void;
  readonly tell: (incident: Incident) => void;
}

/**
 * Who works on what, until when. The marks are what systemd obeys; the book follows them, and takes away those whose end
 * has come. What is told here is on the disk already.
 */
export class MaintenanceBook implements MaintenanceView {
  readonly #options: MaintenanceBookOptions;
  #entries: ReadonlyMap<string, Maintenance> = new Map();
  #running = false;
  #wake = new AbortController();
  /** The trouble that was told of last: told once, not with each look. */
  #trouble = '';
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: MaintenanceBookOptions) {
    this.#options = options;
  }

  of(target: string): Maintenance | null {
    return this.#entries.get(target) ?? this.#entries.get(markName(null)) ?? null;
  }

  get all(): readonly Maintenance[] {
    return [...this.#entries.values()];
  }

  /** Reads the marks and keeps to them from now on. Never rejects: trouble with them is told as an incident. */
  async start(): Promise<void> {
    await this.refresh();
    this.#running = true;
    void this.#keep();
  }

  /** Nothing is looked at any more; the marks stay. */
  stop(): void {
    this.#running = false;
    this.#wake.abort();
  }

  /** Begins, or changes, a maintenance. Rejects with `not-found`, `bad-request` or `state-unwritable`: then all is as before. */
  async begin({ target, reason, until }: MaintenanceBody, actor: Actor): Promise<Maintenance> {
    this.#require(target);
    const now = this.#options.clock.now();
    if (until !== null && Date.parse(until) <= now) {
      throw new RoviError('bad-request', `the maintenance would have ended at ${until} already`, {
        mend: `It is ${new Date(now).toISOString()} here: name a later end, or none.`,
      });
    }
    return this.#inTurn(async () => {
      const name = markName(target);
      const before = this.#entries.get(name);
      const since = before?.since ?? new Date(this.#options.clock.now()).toISOString();
      const maintenance = { target, reason, actor, since, until };
      await this.#options.marks.set(name, markText(maintenance));
      this.#set(new Map(this.#entries).set(name, maintenance));
      this.#wake.abort();
      return maintenance;
    });
  }

  /** Ends one; null is the robot's. Rejects with `not-found` where there is none, or `state-unwritable`. */
  async end(target: string | null): Promise<void> {
    await this.#inTurn(async () => {
      await this.#read();
      if (!this.#entries.has(markName(target))) {
        const what = target ?? 'the robot';
        const others = this.all.map((one) => one.target ?? 'the robot').join(', ');
        throw new RoviError('not-found', `${what} is not in maintenance`, {
          mend: others === '' ? 'Nothing is.' : `In maintenance: ${others}.`,
        });
      }
      await this.#remove(target);
    });
  }

  /** Takes over the marks as they are now, also those that were set past the conductor. Never rejects. */
  async refresh(): Promise<void> {
    await this.#inTurn(async () => {
      try {
        await this.#read();
        await this.#endOverdue();
        this.#trouble = '';
      } catch (thrown) {
        this.#report(RoviError.from(thrown));
      }
    });
  }

  async #keep(): Promise<void> {
    while (this.#running) {
      this.#wake = new AbortController();
      try {
        await this.#options.clock.sleep(this.#untilNext(), this.#wake.signal);
      } catch {
        // Woken: the ends may be others now.
      }
      if (this.#running) await this.refresh();
    }
  }

  #untilNext(): number {
    const now = this.#options.clock.now();
    const ends = this.all.flatMap(({ until }) => (until === null ? [] : [Date.parse(until) - now]));
    // An end that is overdue could not be carried out: again with the next look.
    return Math.min(LOOK_MS, ...ends.filter((left) => left > 0));
  }

  async #read(): Promise<void> {
    const at = new Date(this.#options.clock.now()).toISOString();
    const marks = await this.#options.marks.list();
    const entries = [...marks].map(([name, text]) => {
      const read = maintenanceOf(name, text, at);
      const before = this.#entries.get(name);
      return [name, before?.reason === read.reason ? { ...read, since: before.since } : read] as const;
    });
    this.#set(new Map(entries));
  }

  async #endOverdue(): Promise<void> {
    const now = this.#options.clock.now();
    for (const { target, until } of this.all) {
      if (until !== null && Date.parse(until) <= now) await this.#remove(target);
    }
  }

  async #remove(target: string | null): Promise<void> {
    const name = markName(target);
    await this.#options.marks.clear(name);
    const entries = new Map(this.#entries);
    entries.delete(name);
    this.#set(entries);
  }

  /** Takes the entries over and tells what is different; the robot's comes first. */
  #set(entries: ReadonlyMap<string, Maintenance>): void {
    const before = this.#entries;
    const robot = markName(null);
    const sorted = [...entries].sort(([a], [b]) => (a === robot ? -1 : b === robot ? 1 : a < b ? -1 : 1));
    this.#entries = new Map(sorted);
    if (JSON.stringify([...before]) === JSON.stringify(sorted)) return;
    this.#options.changed();
    for (const [name, now] of sorted) {
      // What was there before the gateway was, is no news.
      if (!this.#running || JSON.stringify(before.get(name)) === JSON.stringify(now)) continue;
      const who = now.target ?? 'the robot';
      this.#incident('maintenance_started', now, `${who}: ${maintenanceText(now)} (${now.actor.name})`);
    }
    for (const [name, last] of before) {
      if (entries.has(name)) continue;
      this.#incident('maintenance_ended', last, `${last.target ?? 'the robot'} is no longer in maintenance`);
    }
  }

  #incident(type: Incident['type'], maintenance: Maintenance, text: string): void {
    const data = { maintenance };
    this.#options.tell({ type, service: maintenance.target, instance: null, text, data });
  }

  #report({ code, message, mend }: RoviError): void {
    if (message === this.#trouble) return;
    this.#trouble = message;
    const text = `the marks of maintenance cannot be kept: ${message}`;
    const data = { code, mend };
    this.#options.tell({ type: 'orchestration_error', service: null, instance: null, text, data });
  }

  #require(target: string | null): void {
    const targets = this.#options.targets();
    if (target === null || targets.includes(target)) return;
    throw new RoviError('not-found', `there is no stack and no service "${target}" in the catalog`, {
      mend: `There are: ${targets.join(', ')}.`,
    });
  }

  /** One change after the other, so that what is read is not older than what was written. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(work);
    this.#turn = next.catch(() => undefined);
    return next;
  }
}
