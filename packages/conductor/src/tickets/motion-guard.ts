import type { TicketSettings } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import type { ConductorApi } from '../ports/conductor-api.js';
import { motionObstacle } from './may-move.js';

/**
 * Aborts a motion in the turn in which it is told that the stack during which it may go on does not run whole any more,
 * or that this is not known. Maintenance that begins meanwhile ends nothing. Returns how to let go.
 */
export function guardMotion(
  conductor: ConductorApi,
  settings: Pick<TicketSettings, 'drive_stacks'>,
  abort: (why: RoviError) => void,
): () => void {
  return conductor.subscribe((event) => {
    if (event.type !== 'stack' && event.type !== 'bus' && event.type !== 'snapshot') return;
    const obstacle = motionObstacle({ ...conductor.snapshot(), maintenance: [] }, settings);
    if (obstacle === null) return;
    const { code, message, mend } = obstacle;
    abort(new RoviError(code, `the base was told to stop: ${message}`, { mend }));
  });
}
