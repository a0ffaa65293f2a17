import type { TicketCounts, TicketStatus } from '@rovi/contract';

export const noTickets: TicketCounts = {
  total: 0,
  pending: 0,
  queued: 0,
  executing: 0,
  completed: 0,
  failed: 0,
  cancelled: 0,
};

/** The counts after one ticket went from one status to another; `from` is null for a new one. */
export function counted(counts: TicketCounts, from: TicketStatus | null, to: TicketStatus): TicketCounts {
  const next = { ...counts };
  if (from === null) next.total += 1;
  else next[from] -= 1;
  next[to] += 1;
  return next;
}
