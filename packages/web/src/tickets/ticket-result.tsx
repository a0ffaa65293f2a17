import { ScanPicture } from './scan-picture.js';
import { scanOf } from './scan-shape.js';
import { isRecord, labelOf, resultLine, valueText } from './ticket-text.js';

/** Of a scan, what the picture shows. */
const PICTURED = new Set(['ranges', 'nearest', 'angle_min', 'angle_increment']);

/** What a command answered with, as values that can be read; a scan as a picture. */
export function TicketResult({ result }: { result: Readonly<Record<string, unknown>> }) {
  const scan = scanOf(result);
  const text = resultLine(result);
  return (
    <div className="ticket-result">
      {scan !== null && <ScanPicture scan={scan} />}
      {text !== '' && scan === null && <p>{text}</p>}
      <Values values={result} without={scan === null ? new Set() : PICTURED} />
    </div>
  );
}

/** Named values of the wire, one below the other. */
export function Values({
  values,
  without = new Set(),
}: {
  values: Readonly<Record<string, unknown>>;
  without?: ReadonlySet<string>;
}) {
  return (
    <dl className="ticket-values figures">
      {Object.entries(values)
        .filter(([name]) => !without.has(name))
        .map(([name, value]) => (
          <div key={name}>
            <dt>{labelOf(name)}</dt>
            <dd>
              {isRecord(value) || Array.isArray(value) ? (
                <details>
                  <summary>Show</summary>
                  <pre tabIndex={0}>{JSON.stringify(value, null, 2)}</pre>
                </details>
              ) : (
                valueText(name, value)
              )}
            </dd>
          </div>
        ))}
    </dl>
  );
}
