import type { Ticket, TicketDeskStatus } from '@rovi/contract';

const AT = '2026-11-21T09:30:00.000Z';

/** A ticket for tests, pending unless they say otherwise. */
export function sampleTicket(id: string, part: Partial<Ticket> = {}): Ticket {
  return {
    id,
    command: 'drive',
    params: { speed: 1, direction: 0, duration_seconds: 2 },
    priority: 'normal',
    status: 'pending',
    timeout_seconds: 30,
    metadata: {},
    created_at: AT,
    updated_at: AT,
    started_at: null,
    completed_at: null,
    result: null,
    error: null,
    error_code: null,
    dry_run: false,
    actor: { name: 'ann', face: 'web', verified: false },
    attempts: 0,
    ...part,
  };
}

/** How tickets are, for tests: at rest unless they say otherwise. */
export function sampleDesk(part: Partial<TicketDeskStatus> = {}): TicketDeskStatus {
  return {
    available: true,
    text: 'ready',
    counts: { total: 0, pending: 0, queued: 0, executing: 0, completed: 0, failed: 0, cancelled: 0 },
    estop: { active: false, since: null, actor: null, reason: '', stored: true },
    executing: [],
    queued: [],
    ...part,
  };
}
