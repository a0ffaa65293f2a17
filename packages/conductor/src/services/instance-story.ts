import type { Incident, IncidentType } from '@rovi/contract';
import { exitCauseOf } from '../exit-cause.js';
import { lastLines } from '../last-lines.js';
import type { Clock } from '../ports/clock.js';
import type { Journal } from '../ports/journal.js';
import type { UnitReading } from '../ports/unit-manager.js';

/** Lines told of, lines read, and milliseconds to wait for them. */
const LINES = 10;
const READ_LINES = 30;
const PATIENCE_MS = 500;
const WITHIN_MS = 2_000;
/** Milliseconds after which a journal that had nothing is read again, and how often. */
const AGAIN_MS = 1_000;
const TRIES = 5;

export interface StorySource {
  readonly service: string;
  readonly id: number;
  readonly unit: string;
  readonly clock: Clock;
  readonly journal: Pick<Journal, 'read'>;
  /** Whether there may be several instances: then it is said which. */
  readonly several: () => boolean;
  readonly tell: (incident: Incident) => void;
  /** The lines are others now. */
  readonly changed: () => void;
}

/** Tells what happens to one instance, in order, with the last lines of the run that ended where that explains it. */
export class InstanceStory {
  readonly #of: StorySource;
  #read: { readonly invocation: string | null; readonly lines: readonly string[] } = {
    invocation: null,
    lines: [],
  };
  /** Of which run lines were asked for last. */
  #wanted: string | null = null;
  #told: Promise<unknown> = Promise.resolve();

  constructor(source: StorySource) {
    this.#of = source;
  }

  /** The last lines of that run, oldest first; empty until they have been read. */
  lines(invocation: string | null): string[] {
    return this.#read.invocation === invocation ? [...this.#read.lines] : [];
  }

  tell(type: IncidentType, text: string, data: Readonly<Record<string, unknown>> = {}): void {
    this.#next(() => this.#say(type, text, data));
  }

  /** Tells of the end of a run: with its cause and its last lines. */
  explain(
    reading: UnitReading,
    type: IncidentType,
    text: string,
    data: Readonly<Record<string, unknown>> = {},
  ): void {
    const cause = exitCauseOf(reading);
    this.recall(reading);
    this.#next(() => this.#say(type, text, { ...data, cause, lines: this.lines(reading.invocationId) }));
  }

  /** Reads the last lines of the run that ended. */
  recall({ invocationId }: UnitReading): void {
    this.#next(() => this.#readLines(invocationId));
  }

  #say(type: IncidentType, text: string, data: Readonly<Record<string, unknown>>): void {
    const { service, id, several, tell } = this.#of;
    const who = several() ? `${service} ${id}` : service;
    tell({ type, service, instance: id, text: `${who}: ${text}`, data: { ...data } });
  }

  #next(step: () => void | Promise<void>): void {
    this.#told = this.#told.then(step);
  }

  async #readLines(invocation: string | null): Promise<void> {
    this.#wanted = invocation;
    const known = this.#read.invocation === invocation && this.#read.lines.length > 0;
    if (invocation === null || known) return;
    if (!(await this.#found(invocation))) void this.#readLater(invocation);
  }

  /** A busy machine's journal: nobody waits for it any longer, and what is shown is completed when it comes. */
  async #readLater(invocation: string): Promise<void> {
    for (let tries = 0; tries < TRIES; tries += 1) {
      await this.#of.clock.sleep(AGAIN_MS);
      if (this.#wanted !== invocation || (await this.#found(invocation))) return;
    }
  }

  async #found(invocation: string): Promise<boolean> {
    const { lines } = await lastLines(this.#of, {
      unit: this.#of.unit,
      invocation,
      lines: READ_LINES,
      patienceMs: PATIENCE_MS,
      withinMs: WITHIN_MS,
    });
    if (this.#wanted !== invocation) return false;
    // What systemd says of the end is in its cause already.
    const own = lines.filter(({ transport }) => transport !== 'journal');
    const kept = (own.length > 0 ? own : lines).slice(-LINES);
    this.#read = { invocation, lines: kept.map(({ message }) => message) };
    this.#of.changed();
    return kept.length > 0;
  }
}
