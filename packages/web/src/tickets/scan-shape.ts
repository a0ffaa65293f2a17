import { isRecord } from './ticket-text.js';

/** A scan of the surroundings as a ticket's result has it. */
export interface ScanResult {
  readonly simulated: boolean;
  /** Radians. */
  readonly angleMin: number;
  /** Radians. */
  readonly angleIncrement: number;
  /** Metres; null where nothing was seen. */
  readonly ranges: readonly (number | null)[];
  readonly nearest: { readonly distance: number; readonly angle: number } | null;
}

/** The scan in a ticket's result; null where there is none. */
export function scanOf(result: Readonly<Record<string, unknown>> | null): ScanResult | null {
  if (result === null) return null;
  const { ranges, angle_min: angleMin, angle_increment: angleIncrement, nearest, simulated } = result;
  if (!Array.isArray(ranges) || typeof angleMin !== 'number' || typeof angleIncrement !== 'number')
    return null;
  return {
    simulated: simulated === true,
    angleMin,
    angleIncrement,
    ranges: ranges.map((range: unknown) =>
      typeof range === 'number' && Number.isFinite(range) && range >= 0 ? range : null,
    ),
    nearest:
      isRecord(nearest) && typeof nearest['distance'] === 'number' && typeof nearest['angle'] === 'number'
        ? { distance: nearest['distance'], angle: nearest['angle'] }
        : null,
  };
}

/** A scan as a picture from above: the robot in the middle, forward is up, its left is left (REP 103). */
export interface ScanShape {
  /** Path of the points that were seen, each a stroke of no length. */
  readonly points: string;
  readonly seen: number;
  /** Circles around the robot, the outermost last. */
  readonly rings: readonly { readonly metres: number; readonly radius: number }[];
  readonly nearest: { readonly x: number; readonly y: number } | null;
}

/** Rings that are drawn. */
const RINGS = 3;
/** Points that are drawn: more cannot be told apart. */
const MOST_POINTS = 2_000;

/** The picture in a square from `-radius` to `radius`. */
export function scanShape(
  { ranges, angleMin, angleIncrement, nearest }: ScanResult,
  radius: number,
): ScanShape {
  const farthest = ranges.reduce<number>((most, range) => Math.max(most, range ?? 0), 0);
  const step = niceStep(farthest / RINGS);
  const scale = radius / (step * Math.max(1, Math.ceil(farthest / step - 1e-9)));
  const place = (distance: number, angle: number) => ({
    x: rounded(-distance * Math.sin(angle) * scale),
    y: rounded(-distance * Math.cos(angle) * scale),
  });
  const stride = Math.ceil(ranges.length / MOST_POINTS);
  const parts: string[] = [];
  for (let index = 0; index < ranges.length; index += Math.max(1, stride)) {
    const range = ranges[index];
    if (range === null || range === undefined) continue;
    const { x, y } = place(range, angleMin + index * angleIncrement);
    parts.push(`M${x} ${y}h0`);
  }
  const rings: { metres: number; radius: number }[] = [];
  for (let metres = step; metres * scale <= radius + 1e-6; metres += step)
    rings.push({ metres: rounded(metres), radius: rounded(metres * scale) });
  return {
    points: parts.join(''),
    seen: ranges.filter((range) => range !== null).length,
    rings,
    nearest: nearest === null ? null : place(nearest.distance, nearest.angle),
  };
}

/** The next of 1, 2, 5, 10, … and their tenths; 1 for nothing. */
function niceStep(least: number): number {
  if (!(least > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= least * (1 - 1e-9)) ?? 10;
  return step * power;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100 + 0;
}

/** Radians as degrees for people, from more than -180 to 180. */
export function degreesText(radians: number): string {
  const degrees = Math.round((radians * 180) / Math.PI);
  return `${180 - ((((180 - degrees) % 360) + 360) % 360)}°`;
}
