const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * Milliseconds until the next attempt after `failures` of them in a row (1 is the first): doubling from 0.5 s to 30 s, with
 * up to a quarter taken off by `random` (0 to 1), so that a fleet does not come back as one.
 */
export function reconnectDelay(failures: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  return full * (1 - random / 4);
}
