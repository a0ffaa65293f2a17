import { UsageError } from '../verb.js';

const MS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A span such as `12h`, `90d`, or a moment such as `2027-01-31`, as milliseconds since the epoch. Throws UsageError. */
export function expiryOf(text: string, now: number): number {
  const [, count, unit] = /^(\d{1,5})([mhdw])$/.exec(text) ?? [];
  const at =
    count === undefined
      ? /^\d{4}-\d\d-\d\d/.test(text)
        ? Date.parse(text)
        : NaN
      : now + Number(count) * MS[unit as keyof typeof MS];
  if (!Number.isFinite(at)) {
    throw new UsageError(`"${text}" is no time: expected a span (30m, 12h, 90d, 8w) or a date (2027-01-31)`);
  }
  if (at <= now) throw new UsageError(`"${text}" has passed already`);
  return at;
}
