/** How much of the ROS face is measured. */
export interface RosPlan {
  readonly name: 'full' | 'quick';
  /** Stacks in the catalog, one robot each. */
  readonly sizes: readonly number[];
  /** Rounds of start, crash, start, stop: four changes each. */
  readonly rounds: { readonly unit: number; readonly snapshot: number; readonly diagnostics: number };
  /** The same as seen through the polling rival, by how often it asks a second. */
  readonly rivals: readonly { readonly hertz: number; readonly rounds: number }[];
  /** The rivals are measured in catalogs up to this size. */
  readonly rivalSize: number;
  readonly calls: { readonly getState: number; readonly stop: number };
  readonly idleSeconds: number;
}

export const FULL_ROS: RosPlan = {
  name: 'full',
  sizes: [5, 100, 1000],
  rounds: { unit: 75, snapshot: 25, diagnostics: 25 },
  rivals: [
    { hertz: 1, rounds: 10 },
    { hertz: 10, rounds: 25 },
  ],
  rivalSize: 100,
  calls: { getState: 200, stop: 50 },
  idleSeconds: 60,
};

/** To see that it works: says little. */
export const QUICK_ROS: RosPlan = {
  name: 'quick',
  sizes: [5],
  rounds: { unit: 5, snapshot: 2, diagnostics: 2 },
  rivals: [{ hertz: 10, rounds: 2 }],
  rivalSize: 100,
  calls: { getState: 10, stop: 3 },
  idleSeconds: 5,
};
