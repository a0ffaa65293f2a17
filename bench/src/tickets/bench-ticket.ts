import type { Actor, Ticket, TicketStatus } from '@rovi/contract';

export const ACTOR: Actor = { name: 'bench', face: 'http', verified: true };

/** A ticket such as the seed's example. */
export function benchTicket(number: number, status: TicketStatus = 'pending'): Ticket {
  const at = new Date(Date.UTC(2026, 0, 1) + number * 1000).toISOString();
  const ended = status === 'pending' ? null : at;
  return {
    id: `tick-${at.slice(0, 10).replaceAll('-', '')}-${number.toString(16).padStart(8, '0')}`,
    command: 'drive',
    params: { speed: 1.5, direction: 90, duration_seconds: 10 },
    priority: 'normal',
    status,
    timeout_seconds: 30,
    metadata: { operator: 'user-001', session_id: 'ses-123' },
    created_at: at,
    updated_at: at,
    started_at: ended,
    completed_at: ended,
    result: status === 'completed' ? { command: 'drive', executed: true, distance_traveled: 15 } : null,
    error: null,
    error_code: null,
    dry_run: false,
    actor: ACTOR,
    attempts: 0,
  };
}
