import type { ApiClient } from '@rovi/client/browser';
import { RoviError } from '@rovi/contract';
import type { LogEntry } from '@rovi/contract';
import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';
import { LogBook } from './log-book.js';
import type { LineFilter } from './line-filter.js';
import { serviceOf } from './service-of.js';

/** How the stream of a journal is. */
export type FeedLink =
  /** Asked for; nothing was heard yet. */
  | { readonly state: 'connecting' }
  /** What was written before is coming in. */
  | { readonly state: 'reading' }
  | { readonly state: 'following' }
  /** Broken; asked for again by itself, from the last line that was read. */
  | { readonly state: 'lost'; readonly problem: RoviError }
  /** Broken in a way that does not get better by itself. */
  | { readonly state: 'ended'; readonly problem: RoviError };

export interface FeedState {
  readonly link: FeedLink;
  /** Counts what changed in the book. */
  readonly version: number;
}

/** What to read. */
export interface FeedRequest {
  /** `gateway`, a stack's or a service's name; an instance of several as `name@2`. */
  readonly name: string;
  /** Of what was written before, the last so many lines. */
  readonly lines: number;
  /** Only of this run; null reads all. */
  readonly invocation: string | null;
}

/** Milliseconds without a line after which what was written before counts as read. */
const QUIET_MS = 500;
/** Entries that wait at most for the next frame: a page in the background has none. */
const WAITING = 4_000;
/** Milliseconds between two looks at what was written before, while it comes in: each costs more than the lines. */
const READING_MS = 120;
/** Milliseconds of one frame for applying a filter. */
const FILTER_MS = 8;

/** Reads a unit's journal into a book and follows it. The book changes once a frame at most, however fast lines come. */
export class LogFeed {
  readonly store: StoreApi<FeedState> = createStore<FeedState>(() => ({
    link: { state: 'connecting' },
    version: 0,
  }));
  readonly book = new LogBook();
  readonly #client: ApiClient;
  readonly #request: FeedRequest;
  readonly #now: () => number;
  /** When the robot took the request: what was written later is no history. */
  #connectedAt = Infinity;
  #gone: AbortController | null = null;
  #waiting: LogEntry[] = [];
  #cursor: string | undefined;
  #frame: number | null = null;
  #takenInAt = -Infinity;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  /** `now` is the robot's clock, in milliseconds since the epoch; Infinity where it is not known. */
  constructor(client: ApiClient, request: FeedRequest, now: () => number) {
    this.#client = client;
    this.#request = request;
    this.#now = now;
  }

  /** Begins to read; after it was stopped or has ended, goes on after the last line that was read. */
  start(): void {
    this.stop();
    const gone = new AbortController();
    this.#gone = gone;
    this.#say({ state: 'connecting' });
    void this.#read(gone.signal);
  }

  stop(): void {
    this.#gone?.abort(new RoviError('internal', 'not read any more'));
    this.#gone = null;
    clearTimeout(this.#quiet);
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    this.#frame = null;
    this.#takeIn();
  }

  /** Shows by another filter, as soon as every kept line was looked at. */
  apply(filter: LineFilter): void {
    this.book.apply(filter);
    this.#ask();
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { name, lines, invocation } = this.#request;
    try {
      const { name: unit, instance } = serviceOf(name);
      const entries = this.#client.followServiceLogs(unit, {
        lines,
        ...(instance === null ? {} : { instance }),
        ...(invocation === null ? {} : { invocation }),
        ...(this.#cursor === undefined ? {} : { after: this.#cursor }),
        signal,
        reconnect: true,
        onConnect: () => {
          this.#connectedAt = this.#now();
          this.#say({ state: this.#cursor === undefined ? 'reading' : 'following' });
        },
        onDisconnect: (problem) => this.#say({ state: 'lost', problem }),
      });
      for await (const entry of entries) {
        // What came in one piece with what is read goes on coming after a stop.
        if (signal.aborted) return;
        this.#take(entry);
      }
    } catch (error) {
      if (signal.aborted) return;
      this.#say({ state: 'ended', problem: RoviError.from(error) });
    }
  }

  #take(entry: LogEntry): void {
    this.#cursor = entry.cursor;
    this.#waiting.push(entry);
    if (this.#waiting.length >= WAITING) this.#takeIn();
    else this.#ask();
  }

  #ask(): void {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      const begin = performance.now();
      const isReading = this.store.getState().link.state === 'reading';
      if (!isReading || begin - this.#takenInAt >= READING_MS) this.#takeIn();
      else this.#ask();
      if (!this.book.busy) return;
      if (this.book.work(() => performance.now() - begin > FILTER_MS)) this.#changed();
      else this.#ask();
    });
  }

  #takeIn(): void {
    if (this.#waiting.length === 0) return;
    this.#takenInAt = performance.now();
    const newest = Date.parse(this.#waiting.at(-1)?.at ?? '');
    this.book.append(this.#waiting);
    this.#waiting = [];
    this.#changed();
    if (this.store.getState().link.state !== 'reading') return;
    if (newest >= this.#connectedAt) this.#say({ state: 'following' });
    else this.#awaitQuiet();
  }

  #awaitQuiet(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      if (this.store.getState().link.state === 'reading') this.#say({ state: 'following' });
    }, QUIET_MS);
  }

  #changed(): void {
    this.store.setState(({ version }) => ({ version: version + 1 }));
  }

  #say(link: FeedLink): void {
    this.store.setState({ link });
    if (link.state === 'reading') this.#awaitQuiet();
  }
}
