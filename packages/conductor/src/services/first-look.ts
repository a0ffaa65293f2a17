/** Milliseconds over which the first looks at what was found running are spread: the gateway has just begun. */
const FOUND_MS = 1_000;
/** The same for what was seen to start: somebody waits for it. */
const STARTED_MS = 100;

/**
 * Milliseconds until the first look of a check: always the same for the same name, spread evenly over names, so that
 * hundreds of checks do not begin at once. Never more than the check's interval (milliseconds).
 */
export function firstLookAfter(
  name: string,
  { interval, found }: { readonly interval: number; readonly found: boolean },
): number {
  return Math.floor(fraction(name) * Math.min(interval, found ? FOUND_MS : STARTED_MS));
}

/** FNV-1a, mixed once more: its high bits alone differ little between `a-1` and `a-2`. At least 0, less than 1. */
function fraction(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
