import type { RoviClient } from '@rovi/client';
import type { RosStatus } from '@rovi/contract';

/** Milliseconds a start of the ROS process may take; the gateway itself gives it a minute. */
const PATIENCE_MS = 70_000;

/** The status of the ROS face once it is no longer starting; as it is then, where it takes too long. */
export async function rosSettled(client: RoviClient): Promise<RosStatus> {
  const patience = AbortSignal.timeout(PATIENCE_MS);
  try {
    for await (const event of client.events({ signal: patience })) {
      const faces =
        event.type === 'snapshot' ? event.snapshot.faces : event.type === 'face' ? [event.face] : [];
      if (faces.some(({ name, state }) => name === 'ros' && state !== 'starting')) {
        // The snapshot may be from before the restart took effect: the status itself has the last word.
        const status = await client.ros();
        if (status.face.state !== 'starting') return status;
      }
    }
  } catch (error) {
    if (!patience.aborted) throw error;
  }
  return client.ros();
}
