/** How much is measured. */
export interface Plan {
  readonly name: 'full' | 'quick';
  /** Stacks in the catalog, one robot each; all contenders and the switch are measured on the first. */
  readonly sizes: readonly number[];
  /** Rounds of start and stop by each contender: of a generated stack unit and of a trivial body. */
  readonly rounds: { readonly generated: number; readonly trivial: number; readonly whole: number };
  readonly crashes: { readonly generated: number; readonly trivial: number };
  readonly nodeDeaths: { readonly atRest: number; readonly justChanged: number };
  readonly switches: { readonly generated: number; readonly trivial: number };
  readonly idleSeconds: number;
  readonly daemonStarts: number;
}

export const FULL: Plan = {
  name: 'full',
  sizes: [10, 100, 1000],
  rounds: { generated: 12, trivial: 60, whole: 10 },
  crashes: { generated: 40, trivial: 200 },
  nodeDeaths: { atRest: 20, justChanged: 20 },
  switches: { generated: 10, trivial: 20 },
  idleSeconds: 20,
  daemonStarts: 5,
};

/** For tests and for trying things out: says little about performance. */
export const QUICK: Plan = {
  name: 'quick',
  sizes: [10],
  rounds: { generated: 3, trivial: 5, whole: 2 },
  crashes: { generated: 3, trivial: 5 },
  nodeDeaths: { atRest: 2, justChanged: 5 },
  switches: { generated: 2, trivial: 3 },
  idleSeconds: 3,
  daemonStarts: 2,
};
