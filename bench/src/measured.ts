import type { HttpResults } from './http/http-results.js';
import type { Results } from './results.js';
import type { RosResults } from './ros/ros-results.js';

/** What one run of the bench measured, as `--json` writes it: any part may be missing. */
export interface Measured {
  readonly core?: Results;
  /** Only where a ROS 2 is sourced. */
  readonly ros?: RosResults;
  /** Only where it was asked for. */
  readonly http?: HttpResults;
}
