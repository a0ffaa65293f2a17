import type { RosProbe, RosProbeResult, RosStatus } from '@rovi/contract';

export type { RosProbe, RosProbeResult } from '@rovi/contract';

/** The ROS face as other parts of the gateway use it: its health, and that of the ROS graph around it. */
export interface RosControl {
  /** What it offers and how it is; never waits. */
  status(): RosStatus;
  /** Starts its process anew, also where it was off: for an admin who has mended what was missing. */
  restart(): void;
  /**
   * Looks at the ROS graph: is ROS there, is a node there, is a topic alive. Never rejects for what it looks for: that
   * is in the result, also that ROS is off. Rejects with the signal's reason only.
   */
  probe(probe: RosProbe, signal?: AbortSignal): Promise<RosProbeResult>;
}
