import { UsageError } from './verb.js';

const MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** When a maintenance ends by itself, as RFC 3339 in UTC; null where neither is said. Throws UsageError. */
export function endOf(said: { readonly for?: string; readonly until?: string }, now: number): string | null {
  if (said.for !== undefined) return new Date(now + spanOf(said.for)).toISOString();
  if (said.until === undefined) return null;
  const at = momentOf(said.until, now);
  if (at <= now) throw new UsageError(`"${said.until}" has passed already`);
  return new Date(at).toISOString();
}

function spanOf(text: string): number {
  const [, count, unit] = /^(\d{1,5})([smhdw])$/.exec(text) ?? [];
  const span = Number(count) * MS[unit as keyof typeof MS];
  if (span > 0) return span;
  throw new UsageError(`"${text}" is no span: expected such as 30m, 2h, 1d`);
}

/** A local time of day, which is tomorrow's where today's has passed; or a date with or without a time. */
function momentOf(text: string, now: number): number {
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  if (hours !== undefined) {
    const at = new Date(now);
    at.setHours(Number(hours), Number(minutes), 0, 0);
    if (at.getTime() <= now) at.setDate(at.getDate() + 1);
    return at.getTime();
  }
  const local = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00` : text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T');
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(local) ? Date.parse(local) : NaN;
  if (Number.isFinite(at)) return at;
  throw new UsageError(`"${text}" is no time: expected such as 17:30, 2027-01-31 or 2027-01-31T17:30`);
}
