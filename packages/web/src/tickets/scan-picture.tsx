import { degreesText, scanShape } from './scan-shape.js';
import type { ScanResult } from './scan-shape.js';
import { valueText } from './ticket-text.js';

const RADIUS = 100;
/** Around the outermost ring, for its words. */
const MARGIN = 14;

/** A scan from above: the robot in the middle, forward is up. */
export function ScanPicture({ scan }: { scan: ScanResult }) {
  const { points, seen, rings, nearest } = scanShape(scan, RADIUS);
  const size = RADIUS + MARGIN;
  const near =
    scan.nearest === null
      ? 'Nothing was seen.'
      : `Nearest: ${valueText('distance', scan.nearest.distance)} at ${degreesText(scan.nearest.angle)}.`;
  const text = `${scan.simulated ? 'Simulated scan' : 'Scan'}: ${seen} of ${scan.ranges.length} rays saw something. ${near}`;
  return (
    <figure className="scan">
      <svg viewBox={`${-size} ${-size} ${2 * size} ${2 * size}`} role="img" aria-label={text}>
        {rings.map(({ metres, radius }) => (
          <g key={metres} className="scan-ring">
            <circle r={radius} />
            <text x={2} y={-radius - 2}>
              {metres} m
            </text>
          </g>
        ))}
        <path className="scan-axis" d={`M0 ${-RADIUS}V${RADIUS}M${-RADIUS} 0H${RADIUS}`} />
        <path className="scan-points" d={points} />
        <path className="scan-robot" d="M0 -7L5 6L0 3L-5 6Z" />
        {nearest !== null && <circle className="scan-nearest" cx={nearest.x} cy={nearest.y} r={4} />}
      </svg>
      <figcaption className="small">{text} Forward is up; angles are counter-clockwise.</figcaption>
    </figure>
  );
}
