/** How much of the fleet is measured. */
export interface FleetPlan {
  readonly name: 'full' | 'quick';
  /** Numbers of robots, each on a broker of its own, one after the other. */
  readonly sizes: readonly number[];
  /** Processes that the robots are spread over. */
  readonly processes: number;
  /** Seconds between two reports of a robot, as catalogs have it by default. */
  readonly heartbeatS: number;
  /** Milliseconds over which rates and CPU are taken: whole heartbeats, for all beat together. */
  readonly windowMs: number;
  /** Times that the whole fleet is asked for: by plain HTTP, by the typed client, by `rovictl`. */
  readonly asks: { readonly plain: number; readonly typed: number; readonly program: number };
  /** Changes of one robot at a time, of each kind. */
  readonly changes: number;
  /** Robots at a time in a command to all, and how often each is sent. */
  readonly atOnce: readonly number[];
  readonly commandRounds: number;
  /** Times that a plain subscriber and a new console take all in. */
  readonly arrivals: number;
  /** Milliseconds for which the broker is gone. */
  readonly outagesMs: readonly number[];
}

export const FULL_FLEET: FleetPlan = {
  name: 'full',
  sizes: [100, 1_000],
  processes: 4,
  heartbeatS: 20,
  windowMs: 40_000,
  asks: { plain: 300, typed: 30, program: 10 },
  changes: 100,
  atOnce: [50, 1_000],
  commandRounds: 3,
  arrivals: 3,
  outagesMs: [10_000, 60_000],
};

/** To see that it works: says little. */
export const QUICK_FLEET: FleetPlan = {
  name: 'quick',
  sizes: [50],
  processes: 2,
  heartbeatS: 5,
  windowMs: 5_000,
  asks: { plain: 20, typed: 5, program: 2 },
  changes: 10,
  atOnce: [10, 1_000],
  commandRounds: 1,
  arrivals: 1,
  outagesMs: [3_000],
};
