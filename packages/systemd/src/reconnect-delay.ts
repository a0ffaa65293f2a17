const FIRST_MS = 50;
const LONGEST_MS = 5000;

/**
 * Milliseconds to wait before connection attempt `attempt` (0 is the first retry): doubling from 50 ms to 5 s, with
 * up to a quarter taken off by `random` (0 to 1) so that many clients of one bus do not come back as one.
 */
export function reconnectDelay(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 20));
  return full * (1 - random / 4);
}
