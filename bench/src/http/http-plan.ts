/** How much of the HTTP face is measured. */
export interface HttpPlan {
  readonly name: 'full' | 'quick';
  /** Stacks in the catalog, one robot each; commands, events and the day are measured on the first. */
  readonly sizes: readonly number[];
  /** Connections that ask at once, and for how long each figure. */
  readonly load: { readonly connections: readonly number[]; readonly milliseconds: number };
  /** Rounds of start and stop by each contender: of a trivial body and of a generated unit. */
  readonly rounds: { readonly trivial: number; readonly generated: number };
  readonly events: {
    /** How many listen, one figure each. */
    readonly subscribers: readonly number[];
    /** Rounds of start and crash: some eleven events each. */
    readonly rounds: number;
    readonly idleSeconds: number;
  };
  /** Simulated hours of one change of state a second. */
  readonly hours: number;
}

export const FULL_HTTP: HttpPlan = {
  name: 'full',
  sizes: [5, 100],
  load: { connections: [1, 16, 64], milliseconds: 1_500 },
  rounds: { trivial: 50, generated: 15 },
  events: { subscribers: [1, 1_000], rounds: 60, idleSeconds: 15 },
  hours: 24,
};

/** To see that it works: says little. */
export const QUICK_HTTP: HttpPlan = {
  name: 'quick',
  sizes: [5],
  load: { connections: [1, 16], milliseconds: 300 },
  rounds: { trivial: 3, generated: 2 },
  events: { subscribers: [1, 100], rounds: 5, idleSeconds: 3 },
  hours: 3,
};
