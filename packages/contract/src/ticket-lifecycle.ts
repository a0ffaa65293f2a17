import type { TicketStatus } from './ticket.js';

/**
 * The life of a ticket, as one table: from each status, those it can go to. What is not here never happens.
 * `queued` to `pending` is the return of what was queued when the gateway ended; `queued` to `failed` is a ticket whose
 * turn came when the robot might not do it any more; `failed` to `queued` is a forced further attempt.
 */
export const ticketLifecycle: Readonly<Record<TicketStatus, readonly TicketStatus[]>> = {
  pending: ['queued', 'cancelled'],
  queued: ['executing', 'failed', 'cancelled', 'pending'],
  executing: ['completed', 'failed', 'cancelled'],
  completed: [],
  failed: ['queued'],
  cancelled: [],
};

/** Whether a ticket can go from one status to the other. */
export function mayTicketGo(from: TicketStatus, to: TicketStatus): boolean {
  return ticketLifecycle[from].includes(to);
}

/** Those that nothing follows by itself. */
export const finalTicketStatuses: readonly TicketStatus[] = ['completed', 'failed', 'cancelled'];

/** Whether nothing follows by itself. */
export function isFinalTicketStatus(status: TicketStatus): boolean {
  return finalTicketStatuses.includes(status);
}
