import type { StackState } from '@rovi/contract';
import type { UnitRow } from './unit-row.js';

/** What the rows can be sorted by, in the order that the key goes through. `robot`: as each robot has them. */
export const sortKeys = ['robot', 'name', 'state', 'cpu', 'memory'] as const;
export type SortKey = (typeof sortKeys)[number];

/** What is shown, and in which order. */
export interface RowOrder {
  readonly sort: SortKey;
  /** Words, each a part of name, host, state or kind, in any case; empty for all. */
  readonly filter: string;
  /** Only what is not well. */
  readonly unwell: boolean;
}

/** The sort key after this one. */
export function nextSort(sort: SortKey): SortKey {
  return sortKeys[(sortKeys.indexOf(sort) + 1) % sortKeys.length] ?? 'robot';
}

/** The rows that are shown, in their order. Rows that are equal in it stay as they were given. */
export function arranged(rows: readonly UnitRow[], { sort, filter, unwell }: RowOrder): UnitRow[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  return rows
    .filter((row) => (!unwell || !isWell(row)) && words.every((word) => textOf(row).includes(word)))
    .sort((one, other) => compare(one, other, sort));
}

/** Whether nobody has to look at it: as intended, and known to be. */
export function isWell({ state, level, health, seenAt }: UnitRow): boolean {
  return (
    seenAt === null &&
    level === 'ok' &&
    state !== 'FAILED' &&
    state !== 'UNKNOWN' &&
    !['degraded', 'unhealthy'].includes(health)
  );
}

function textOf({ label, host, state, kind, seenAt }: UnitRow): string {
  return `${label} ${host} ${seenAt === null ? state : 'unknown'} ${kind}`.toLowerCase();
}

/** The most urgent first. */
const urgency: Readonly<Record<StackState, number>> = {
  FAILED: 0,
  UNKNOWN: 1,
  STOPPING: 3,
  STARTING: 4,
  MAINTENANCE: 5,
  RUNNING: 6,
  STOPPED: 7,
};

function compare(one: UnitRow, other: UnitRow, sort: SortKey): number {
  switch (sort) {
    case 'robot':
      return 0;
    case 'name':
      return byText(one.label, other.label) || byText(one.host, other.host);
    case 'state':
      return urgencyOf(one) - urgencyOf(other);
    case 'cpu':
      return (other.cpuPercent ?? -1) - (one.cpuPercent ?? -1);
    case 'memory':
      return (other.memoryBytes ?? -1) - (one.memoryBytes ?? -1);
  }
}

/** What runs, and not well, comes before what changes as it should. */
function urgencyOf(row: UnitRow): number {
  if (row.seenAt !== null) return urgency.UNKNOWN;
  const own = urgency[row.state];
  return isWell(row) ? own : Math.min(own, 2);
}

function byText(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
