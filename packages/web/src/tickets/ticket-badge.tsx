import type { TicketStatus } from '@rovi/contract';
import { isFinalTicketStatus } from '@rovi/contract';
import { ToneIcon } from '../format/state-badge.js';
import { useIsLive } from '../live/robot-context.js';
import { statusWord, ticketTones } from './ticket-text.js';

/** A ticket's status by colour, word and icon. While the link is not live it says what it was, unless it has ended. */
export function TicketBadge({ status, large = false }: { status: TicketStatus; large?: boolean }) {
  const live = useIsLive();
  const tone = live || isFinalTicketStatus(status) ? ticketTones[status] : 'unknown';
  return (
    <span className={large ? 'badge badge-large' : 'badge'} data-tone={tone}>
      <ToneIcon tone={tone} size={large ? 28 : 18} />
      {statusWord(status, live)}
    </span>
  );
}
