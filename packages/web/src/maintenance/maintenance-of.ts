import type { Maintenance } from '@rovi/contract';
import { durationText, momentText } from '../format/words.js';

/** What keeps this unit from being started: its own maintenance, else the robot's; null where there is none. */
export function maintenanceOf(target: string | null, all: readonly Maintenance[]): Maintenance | null {
  const own = target === null ? undefined : all.find((one) => one.target === target);
  return own ?? all.find((one) => one.target === null) ?? null;
}

/** Until when, for people: `until 14:30:00, for 12 min`, `until somebody ends it`. `now` is the robot's clock. */
export function untilText({ until }: Pick<Maintenance, 'until'>, now: number): string {
  if (until === null) return 'until somebody ends it';
  const left = Date.parse(until) - now;
  return left <= 0
    ? `until ${momentText(until, now)}, which is now`
    : `until ${momentText(until, now)}, for another ${durationText(left)}`;
}
