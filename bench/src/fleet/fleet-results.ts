import type { MachineFacts } from '../machine.js';
import type { FleetPlan } from './fleet-plan.js';
import type { Milestones } from './follower.js';

/** Of one process, in MiB. */
export interface Memory {
  readonly pss: number;
  readonly rss: number;
}

/** At one moment. */
export interface MemoryTrio {
  readonly console: Memory;
  /** MiB that the console holds, on the heap and beside it, when its garbage has been collected. */
  readonly held: number;
  readonly broker: Memory;
}

/** Over a window in which nobody does anything: percent of one core, and what went through the broker a second, in packets of any kind and in bytes. */
export interface IdleFigures {
  readonly console: number;
  readonly broker: number;
  /** All robots' processes together. */
  readonly robots: number;
  readonly received: number;
  readonly sent: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  /** Events that a follower had, a second; 0 where there is none. */
  readonly events: { readonly robots: number; readonly runs: number };
}

/** Milliseconds of CPU. */
export interface CpuTimes {
  readonly console: number;
  readonly broker: number;
  readonly robots: number;
}

/** A command to all robots, so many at a time. */
export interface CommandSamples {
  readonly atOnce: number;
  /** Milliseconds from a run's begin to its end, of each round. */
  readonly total: readonly number[];
  /** Milliseconds of each robot, of all rounds. */
  readonly robot: readonly number[];
  /** What did not succeed, by state and code, of all rounds. */
  readonly failures: Readonly<Record<string, number>>;
  /** Milliseconds of CPU a robot: of the console, of the broker, of the robots' processes. */
  readonly cpu: CpuTimes;
  /** Messages that the broker dropped meanwhile. */
  readonly dropped: number;
}

/** The broker was killed and started again. */
export interface OutageSamples {
  readonly persistence: boolean;
  readonly downMs: number;
  /** Milliseconds until the console showed nobody as online. */
  readonly gone: number;
  /** From when the broker listened until robots were online and had reported anew. */
  readonly back: Milestones;
  /** Robots that were shown as online at the same time with a report from before the outage. */
  readonly early: number;
}

/** A fleet of one size. */
export interface FleetSizeResults {
  readonly robots: number;
  readonly memory: { readonly empty: MemoryTrio; readonly full: MemoryTrio; readonly end: MemoryTrio };
  readonly start: Milestones;
  /** Messages that the broker retains of the robots. */
  readonly retained: number;
  readonly idle: {
    readonly alone: IdleFigures;
    readonly followed: IdleFigures;
    /** Followed, with the runs of the commands kept. */
    readonly afterRuns: IdleFigures;
  };
  /** Milliseconds of each answer. */
  readonly asks: {
    readonly plain: readonly number[];
    readonly typed: readonly number[];
    /** `rovictl fleet status`, whole program. */
    readonly program: readonly number[];
    readonly bytes: number;
  };
  /** Milliseconds from each change to its event. */
  readonly changes: Readonly<Record<ChangeKind, readonly number[]>>;
  readonly commands: readonly CommandSamples[];
  readonly arrivals: {
    /** Milliseconds of mosquitto_sub, and how many reports it had. */
    readonly plain: readonly { readonly ms: number; readonly had: number }[];
    /** From the start of a console's process, and from when it listened. */
    readonly console: readonly { readonly ms: number; readonly listeningMs: number }[];
  };
  readonly outages: readonly OutageSamples[];
}

export const CHANGES = {
  quiet: 'no heartbeats',
  heartbeats: 'beside all heartbeats',
  burst: 'the last of three within 100 ms, beside all heartbeats',
} as const;
export type ChangeKind = keyof typeof CHANGES;

/** One run of the bench's section on fleets. */
export interface FleetResults {
  readonly date: string;
  readonly command: string;
  readonly minutes: number;
  readonly machine: MachineFacts;
  readonly plan: FleetPlan;
  readonly broker: string;
  readonly sizes: readonly FleetSizeResults[];
}
