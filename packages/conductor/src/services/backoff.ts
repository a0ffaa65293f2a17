import type { ServiceEntry } from '@rovi/contract';

/** Milliseconds before the next restart of what is unhealthy, after so many: doubled each time, never more than the catalog's most. */
export function backoffMs(
  { backoff, backoff_max: most }: Pick<ServiceEntry['on_unhealthy'], 'backoff' | 'backoff_max'>,
  attempts: number,
): number {
  return Math.min(backoff * 2 ** attempts, most) * 1000;
}
