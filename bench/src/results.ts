import type { IdleFigures, IdleRivals } from './measure-idle.js';
import type { CrashSamples } from './measure-crash.js';
import type { StartSamples } from './measure-start.js';
import type { SwitchSamples } from './measure-switch.js';
import type { MachineFacts } from './machine.js';
import type { Plan } from './plan.js';

/** All that was measured on one robot. Samples are milliseconds. */
export interface SizeResults {
  /** Stacks in the catalog. */
  readonly size: number;
  readonly installSeconds: number;
  readonly daemonStart: readonly number[];
  readonly generated: StartSamples;
  readonly trivial: StartSamples;
  readonly crash: { readonly generated: CrashSamples; readonly trivial: CrashSamples };
  readonly idle: { readonly none: IdleFigures; readonly active: IdleFigures };
}

/** What does not depend on the size of the catalog, measured on the smallest. */
export interface OnceResults {
  readonly whole: StartSamples;
  readonly watched: StartSamples;
  readonly switch: { readonly generated: SwitchSamples; readonly trivial: SwitchSamples };
  readonly nodeDeath: { readonly atRest: readonly number[]; readonly justChanged: readonly number[] };
  readonly idleRivals: IdleRivals;
}

/** One run of the bench. */
export interface Results {
  readonly date: string;
  readonly command: string;
  readonly minutes: number;
  readonly machine: MachineFacts;
  readonly plan: Plan;
  readonly sizes: readonly SizeResults[];
  readonly once: OnceResults;
}
