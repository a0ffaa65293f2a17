import type { ErrorCode } from '@rovi/contract';

/** What to do about why a ticket came to its end: a ticket keeps the code alone. As docs/errors.md has it. */
const mends: Partial<Readonly<Record<ErrorCode, string>>> = {
  'ticket-timeout': 'Look how far it came, then run it again, or create it anew with a longer timeout.',
  'ticket-cancelled': 'Create it anew if it is still wanted.',
  'ticket-interrupted': 'Look how far it came before you run it again.',
  'ticket-invalid': 'Create it anew with what the command and the catalog allow.',
  'tickets-unavailable': 'Look at the gateway’s log for why the store did not answer, then run it again.',
  'state-unwritable': 'Make room on the robot’s disk, then run it again.',
  'estop-active': 'See that the robot may move, then reset the e-stop.',
  'in-maintenance': 'End the maintenance, or wait for its end, then run it again.',
  'motion-refused':
    'Start a stack during which tickets may move the robot, and run it again while that runs whole.',
  'motion-unavailable': 'See that ROS is on and its process runs, or create a dry run.',
  'motion-lost':
    'See that the robot stands, look at the gateway’s log for the ROS process, then run it again.',
  'scan-failed': 'See that the laser publishes, then run it again.',
};

/** What to do about it, in one sentence; for a code that is rare here, where to read it. */
export function mendOf(code: ErrorCode): string {
  return mends[code] ?? 'docs/errors.md says what to do about this code.';
}
