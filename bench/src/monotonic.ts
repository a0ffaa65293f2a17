/** CLOCK_MONOTONIC in milliseconds: the same clock in every process of this machine, robots included. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
