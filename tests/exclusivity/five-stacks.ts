import { shippedCatalog } from '../installed-robot.js';

export const STACKS = ['teleop', 'mapping', 'localization', 'nav', 'camera'] as const;
export type Stack = (typeof STACKS)[number];

/** Two processes for each stack, by names that no other stack has: a watcher can tell whose they are. */
export const NODES: Readonly<Record<Stack, readonly [string, string]>> = {
  teleop: ['teleop_a', 'teleop_b'],
  mapping: ['mapping_a', 'mapping_b'],
  localization: ['local_a', 'local_b'],
  nav: ['nav_a', 'nav_b'],
  camera: ['camera_a', 'camera_b'],
};

export const unitOf = (stack: string): string => `rovi-${stack}.service`;

/**
 * The shipped catalog with those processes. Times in seconds; `start` is 10 by default, `stops` are exceptions, and only
 * the stacks in `settles` are watched at all (null: for the catalog's default).
 */
export function fiveStacks(options: {
  lockWait: number;
  stop: number;
  start?: number;
  stops?: Partial<Record<Stack, number>>;
  settles?: Partial<Record<Stack, number | null>>;
}): string {
  return shippedCatalog((catalog) => {
    catalog.lock_wait = options.lockWait;
    // Its fields are of processes that are not there now.
    delete catalog.streams;
    for (const stack of STACKS) {
      const entry = catalog.stacks[stack];
      if (entry === undefined) throw new Error(`the shipped catalog has no ${stack}`);
      entry.processes = [...NODES[stack]];
      entry.timeouts = { start: options.start ?? 10, stop: options.stops?.[stack] ?? options.stop };
      const settle = options.settles?.[stack];
      if (settle !== undefined) entry.timeouts.settle = settle;
    }
  });
}
