import { z } from 'zod';
import { timestampSchema } from './state.js';

/**
 * `off`: not there on this robot, and `text` says why; nothing is tried until it is restarted. `starting`: on its way.
 * `on`: serves. `failing`: its process ended or hung, and is started again after a while.
 */
export const faceStateSchema = z.enum(['off', 'starting', 'on', 'failing']);

/** One face that lives apart from the conductor. */
export const faceStatusSchema = z.object({
  /** `ros`, `http`, `mqtt`. */
  name: z.string(),
  state: faceStateSchema,
  /** One sentence for people. */
  text: z.string(),
  /** What to do where it is off or failing; else empty. */
  mend: z.string(),
  /** When it entered this state. */
  since: timestampSchema,
  /** Its process; null while there is none. */
  pid: z.int().nullable(),
  /** How often its process was started again after it had failed, since the conductor began; of `mqtt`, connections lost. */
  restarts: z.int(),
  /** Facts while it is on: for ROS `node`, `domain_id`, `rmw`, `distro`, `interfaces` (`typed` or `standard`); for MQTT `broker`, `client_id`, `queued`, `dropped`. */
  detail: z.record(z.string(), z.string()),
});
export type FaceStatus = z.output<typeof faceStatusSchema>;
