const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/** Milliseconds until the next start after `failures` failures in a row (1 is the first): doubling from 1 s to 30 s. */
export function retryDelay(failures: number): number {
  return Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
}
