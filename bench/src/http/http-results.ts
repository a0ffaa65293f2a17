import type { MachineFacts } from '../machine.js';
import type { HttpPlan } from './http-plan.js';
import type { CommandSamples } from './measure-commands.js';
import type { DayFigures } from './measure-day.js';
import type { EventFigures } from './measure-events.js';
import type { StatusFigures } from './measure-status.js';

/** The HTTP face with one size of catalog. */
export interface HttpSizeResults {
  /** Stacks in the catalog, and programs of supervisord. */
  readonly size: number;
  readonly status: readonly StatusFigures[];
}

/** What is measured once, on the smallest catalog. */
export interface HttpOnceResults {
  readonly trivial: CommandSamples;
  readonly generated: CommandSamples;
  readonly events: readonly EventFigures[];
  readonly day: DayFigures;
}

/** One run of the bench's HTTP section. */
export interface HttpResults {
  readonly date: string;
  readonly command: string;
  readonly minutes: number;
  readonly machine: MachineFacts;
  /** What `supervisord --version` says. */
  readonly supervisor: string;
  readonly plan: HttpPlan;
  readonly sizes: readonly HttpSizeResults[];
  readonly once: HttpOnceResults;
}
