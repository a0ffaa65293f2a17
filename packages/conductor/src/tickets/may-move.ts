import type { Maintenance, Snapshot, TicketSettings } from '@rovi/contract';
import { RoviError } from '@rovi/contract';
import { inMaintenance } from '../maintenance-refusal.js';

/** What decides whether a ticket may move the base. */
export type MotionFacts = Pick<Snapshot, 'known' | 'active' | 'stacks' | 'maintenance' | 'bus'>;

/** Why nothing may move the base now; null where a ticket may. What is not known counts as no. */
export function motionObstacle(
  { known, active, stacks, maintenance }: MotionFacts,
  { drive_stacks: allowed }: Pick<TicketSettings, 'drive_stacks'>,
): RoviError | null {
  const book = maintenance.find(({ target }) => target === null || target === active);
  if (book !== undefined) return inMaintenance(book.target ?? 'robot', book satisfies Maintenance);
  const names = allowed.join(', ');
  if (allowed.length === 0) {
    return refused('the catalog names no stack during which tickets may move the base', {
      mend: 'An admin names them in `tickets.drive_stacks`; or create the ticket with `dry_run`.',
    });
  }
  const mend = `Start one of these stacks: ${names}; or create the ticket with \`dry_run\`.`;
  if (!known) return refused('it is not known which stack runs', { mend: 'Look at `rovictl status`.' });
  if (active === null) return refused('no stack runs, so nothing may move the base', { mend });
  if (!allowed.includes(active)) return refused(`during ${active} tickets may not move the base`, { mend });
  const stack = stacks.find(({ name }) => name === active);
  if (stack?.state === 'RUNNING' && stack.verdict.level === 'ok') return null;
  return refused(`${active} does not run whole: ${stack?.verdict.text ?? 'it is not known'}`, {
    mend: `Look at \`rovictl status\`: ${active} must be running with all its processes.`,
  });
}

function refused(message: string, { mend }: { readonly mend: string }): RoviError {
  return new RoviError('motion-refused', message, { mend });
}
