/** How much of the services is measured. */
export interface ServicesPlan {
  readonly name: 'full' | 'quick';
  /** Rounds of start and stop of the graph by each contender. */
  readonly rounds: number;
  /** Seconds of each idle figure. */
  readonly idleSeconds: number;
}

export const FULL_SERVICES: ServicesPlan = { name: 'full', rounds: 10, idleSeconds: 60 };

/** To see that it works: says little. */
export const QUICK_SERVICES: ServicesPlan = { name: 'quick', rounds: 2, idleSeconds: 15 };
