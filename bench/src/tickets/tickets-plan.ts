/** How much of the tickets is measured. */
export interface TicketsPlan {
  readonly name: 'full' | 'quick';
  /** Tickets that each contender creates in one round. */
  readonly creates: number;
  /** Rounds, in each every contender in random order. */
  readonly rounds: number;
  /** Tickets that are there when pages are read. */
  readonly stored: number;
  /** Times that each page is read. */
  readonly reads: number;
}

export const FULL_TICKETS: TicketsPlan = {
  name: 'full',
  creates: 2_000,
  rounds: 5,
  stored: 1_000_000,
  reads: 50,
};

/** To see that it works: says little. */
export const QUICK_TICKETS: TicketsPlan = {
  name: 'quick',
  creates: 200,
  rounds: 2,
  stored: 20_000,
  reads: 10,
};
