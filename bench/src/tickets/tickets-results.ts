import type { MachineFacts } from '../machine.js';
import type { TicketsPlan } from './tickets-plan.js';

/** Creates by one contender: of all rounds. */
export interface CreateSamples {
  /** Milliseconds of each create. */
  readonly ms: readonly number[];
  /** Tickets a second, of each round. */
  readonly rates: readonly number[];
}

export const CREATORS = {
  python: 'Python `sqlite3`, one INSERT a transaction',
  one: 'Rovi, one after the other',
  many: 'Rovi, 64 at a time',
} as const;
export type Creator = keyof typeof CREATORS;

/** One page, read by Rovi and by plain SQL, in milliseconds. */
export interface PageSamples {
  readonly text: string;
  readonly rovi: readonly number[];
  /** Empty where no SQL is measured beside it. */
  readonly sql: readonly number[];
}

/** One run of the bench's section on tickets. */
export interface TicketsResults {
  readonly date: string;
  readonly command: string;
  readonly minutes: number;
  readonly machine: MachineFacts;
  readonly plan: TicketsPlan;
  /** The file system that held the databases. */
  readonly fileSystem: string;
  readonly creates: Readonly<Record<Creator, CreateSamples>>;
  /** Whole lives (created, queued, executing, completed), 64 at a time: a second, of each round. */
  readonly lives: readonly number[];
  /** Creates with `plan.stored` tickets there, 64 at a time. */
  readonly full: CreateSamples;
  readonly pages: readonly PageSamples[];
  readonly file: { readonly mebibytes: number; readonly opensMs: number };
}
