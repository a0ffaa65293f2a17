import type { MachineFacts } from '../machine.js';
import type { GraphSamples } from './measure-graph.js';
import type { ProbeFigures } from './measure-probes.js';
import type { ServicesPlan } from './services-plan.js';

/** One run of the bench's section on services. */
export interface ServicesResults {
  readonly date: string;
  readonly command: string;
  readonly minutes: number;
  readonly machine: MachineFacts;
  readonly plan: ServicesPlan;
  readonly graph: GraphSamples;
  readonly idle: { readonly probed: ProbeFigures; readonly unprobed: ProbeFigures };
}
