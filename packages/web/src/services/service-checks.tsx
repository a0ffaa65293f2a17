import type { CheckStatus, ProbeResult } from '@rovi/contract';
import { ToneIcon } from '../format/state-badge.js';
import type { Tone } from '../format/tone.js';
import { agoText, sentence, shortDurationText } from '../format/words.js';
import { useIsLive, useRobotTime } from '../live/robot-context.js';
import { checkBars, checkBarsText } from './check-bars.js';

/** Looks that are drawn. */
const SHOWN = 40;
const HEIGHT = 30;
const BAR = 6;

/** The health checks of one instance: what each found last, and how its last looks went. */
export function ServiceChecks({
  checks,
  history,
  instance,
}: {
  checks: readonly CheckStatus[];
  history: ReadonlyMap<string, readonly ProbeResult[]>;
  instance: number;
}) {
  if (checks.length === 0) return <p className="soft">Nothing checks it but systemd.</p>;
  return (
    <ul className="checks" aria-label={`Health checks of instance ${instance}`}>
      {checks.map((check) => (
        <Check key={check.name} check={check} results={(history.get(check.name) ?? []).slice(-SHOWN)} />
      ))}
    </ul>
  );
}

function Check({ check, results }: { check: CheckStatus; results: readonly ProbeResult[] }) {
  const live = useIsLive();
  const now = useRobotTime();
  const { name, role, type, passing, last } = check;
  const tone: Tone = !live || passing === null ? 'unknown' : passing ? 'good' : 'bad';
  const word = passing === null ? 'Not decided' : passing ? 'Passing' : 'Failing';
  return (
    <li data-tone={tone}>
      <div className="check-name">
        <strong>{name}</strong>{' '}
        <span className="soft small">
          {type}, {role}
        </span>
      </div>
      <span className="health">
        <ToneIcon tone={tone} size={16} />
        {live || passing === null ? word : `was ${word.toLowerCase()}`}
      </span>
      <Bars results={results} />
      <p className="small check-last">
        {last === null ? (
          'Not looked yet.'
        ) : (
          <>
            {sentence(last.text)}{' '}
            <span className="soft figures">
              In {shortDurationText(last.duration_ms)}
              {now === null ? '' : `, ${agoText(Math.max(0, now - Date.parse(last.at)))}`}.
            </span>
          </>
        )}
      </p>
    </li>
  );
}

function Bars({ results }: { results: readonly ProbeResult[] }) {
  if (results.length === 0) return <span className="check-bars soft small">no looks yet</span>;
  const width = SHOWN * BAR;
  const left = width - results.length * BAR;
  return (
    <svg
      className="check-bars"
      width={width}
      height={HEIGHT}
      viewBox={`0 0 ${width} ${HEIGHT}`}
      role="img"
      aria-label={checkBarsText(results)}
    >
      {checkBars(results).map(({ key, height, tone }, index) => (
        <rect
          key={key}
          data-tone={tone}
          x={left + index * BAR}
          y={HEIGHT * (1 - height)}
          width={BAR - 1.5}
          height={HEIGHT * height}
        />
      ))}
    </svg>
  );
}
