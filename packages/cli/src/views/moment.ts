/** A duration for people: `8 ms`, `0.4 s`, `12 s`, `3 min`, `2 h 5 min`, `4 d 3 h`. Negative ones (a clock was set) count as 0. */
export function durationText(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 100) return `${String(Math.round(ms))} ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${String(seconds)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60)
    return minutes < 10 && seconds % 60 > 0
      ? `${String(minutes)} min ${String(seconds % 60)} s`
      : `${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24)
    return minutes % 60 > 0 ? `${String(hours)} h ${String(minutes % 60)} min` : `${String(hours)} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 > 0 && days < 10 ? `${String(days)} d ${String(hours % 24)} h` : `${String(days)} d`;
}

/** How long ago something was: `just now` below one second, else a whole duration and `ago`. */
export function ageText(timestamp: string, now: number): string {
  const ms = now - Date.parse(timestamp);
  return ms < 1000
    ? 'just now'
    : `${durationText(ms < 10_000 ? Math.floor(ms / 1000) * 1000 : ms).replace('.0 s', ' s')} ago`;
}

/** Local time of day; with the date where it is not today's. */
export function clockText(timestamp: string, now: number): string {
  const then = new Date(timestamp);
  const time = [then.getHours(), then.getMinutes(), then.getSeconds()].map(twoDigits).join(':');
  const today = new Date(now);
  if (then.toDateString() === today.toDateString()) return time;
  return `${String(then.getFullYear())}-${twoDigits(then.getMonth() + 1)}-${twoDigits(then.getDate())} ${time}`;
}

/** The text with each of the API's timestamps (RFC 3339, UTC) in it as {@link clockText} has it. */
export function localTimes(text: string, now: number): string {
  return text.replace(timestamps, (found) =>
    Number.isNaN(Date.parse(found)) ? found : clockText(found, now),
  );
}

const timestamps = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z/g;

/** Both: `10:05:02 (12 s ago)`; an en dash where there is no moment. */
export function momentText(timestamp: string | null, now: number): string {
  return timestamp === null ? '–' : `${clockText(timestamp, now)} (${ageText(timestamp, now)})`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Bytes in binary units with three significant digits: `812 KiB`, `1.46 GiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value.toPrecision(3).replace(/\.0+$/, '')} ${units[unit] ?? ''}`;
}
