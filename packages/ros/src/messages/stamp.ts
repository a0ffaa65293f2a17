/** `builtin_interfaces/msg/Time`. */
export interface Stamp {
  readonly sec: number;
  readonly nanosec: number;
}

/** RFC 3339 text, or milliseconds since the epoch, as a ROS stamp; zero where there is none. */
export function stampOf(moment: string | number | null): Stamp {
  const ms = typeof moment === 'string' ? Date.parse(moment) : (moment ?? 0);
  if (!Number.isFinite(ms)) return { sec: 0, nanosec: 0 };
  const sec = Math.floor(ms / 1000);
  // A double a hair below a second: less than one, all the same.
  return { sec, nanosec: Math.min(999_999_999, Math.floor((ms - sec * 1000) * 1e6)) };
}
