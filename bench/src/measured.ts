import type { FleetResults } from './fleet/fleet-results.js';
import type { HttpResults } from './http/http-results.js';
import type { Results } from './results.js';
import type { RosResults } from './ros/ros-results.js';
import type { ServicesResults } from './services/services-results.js';
import type { TicketsResults } from './tickets/tickets-results.js';

/** What one run of the bench measured, as `--json` writes it: any part may be missing. */
export interface Measured {
  readonly core?: Results;
  /** Only where a ROS 2 is sourced. */
  readonly ros?: RosResults;
  /** Only where it was asked for. */
  readonly http?: HttpResults;
  /** Only where it was asked for. */
  readonly services?: ServicesResults;
  /** Only where it was asked for. */
  readonly tickets?: TicketsResults;
  /** Only where it was asked for. */
  readonly fleet?: FleetResults;
}
