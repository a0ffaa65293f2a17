import type { MachineFacts } from '../machine.js';
import type { DeliverySamples } from './measure-delivery.js';
import type { RosIdle } from './measure-ros-idle.js';
import type { CallSamples } from './measure-calls.js';
import type { RosPlan } from './ros-plan.js';

/** The ROS face with one size of catalog. Samples are milliseconds. */
export interface RosSizeResults {
  /** Stacks in the catalog. */
  readonly size: number;
  readonly topics: number;
  readonly services: number;
  readonly delivery: {
    readonly unit: DeliverySamples;
    readonly snapshot: DeliverySamples;
    readonly diagnostics: DeliverySamples;
  };
  readonly rivals: readonly { readonly hertz: number; readonly delivery: DeliverySamples }[];
  readonly calls: CallSamples;
  readonly idle: RosIdle;
}

/** One run of the bench's ROS section. */
export interface RosResults {
  readonly date: string;
  readonly command: string;
  readonly minutes: number;
  readonly machine: MachineFacts;
  /** What the face says of its graph: distribution, middleware, kind of interfaces. */
  readonly graph: Readonly<Record<string, string>>;
  readonly plan: RosPlan;
  readonly sizes: readonly RosSizeResults[];
}
