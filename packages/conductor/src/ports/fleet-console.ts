import type {
  FleetAskBody,
  FleetEvent,
  FleetImpact,
  FleetRun,
  FleetRunBody,
  FleetStatus,
  Snapshot,
} from '@rovi/contract';
import type { Request } from './conductor-api.js';

/** The role of who asks, which is told to the robots along with the name; a robot lets nobody do more than it. */
export interface FleetCaller extends Request {
  readonly role: 'viewer' | 'operator' | 'admin';
}

/**
 * The robots of a fleet as a gateway that observes them sees them, and the way to command them. What needs the broker
 * rejects with `fleet-broker-away` while it is not connected; what needs a key rejects with `fleet-off` without one.
 */
export interface FleetConsole {
  /** How it is now; never waits. Throws `fleet-off` where this gateway observes none. */
  status(): FleetStatus;
  /** Everything at one moment, then each change, in order, until the signal aborts. Throws `fleet-off`. */
  follow(listener: (event: FleetEvent) => void, signal: AbortSignal): void;
  /** What a command would hit on each robot; nothing is done. What one robot says no to is in its entry. */
  ask(body: FleetAskBody, caller: FleetCaller): Promise<FleetImpact[]>;
  /** Begins to command the robots; how it goes on is told to those who follow. Throws `robot-unknown` for one never heard of: then nothing is done. */
  run(body: FleetRunBody, caller: FleetCaller): FleetRun;
  /** The last runs, newest first. */
  runs(): readonly FleetRun[];
  /** The robot's own snapshot. Rejects with `robot-unknown`, `robot-offline`, `robot-silent`, `signature-refused`. */
  look(robot: string, caller: FleetCaller): Promise<Snapshot>;
}
