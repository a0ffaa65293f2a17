import { Button } from '@mantine/core';
import { fleetCommandText, runOutcome, runTally, targetWords } from '@rovi/client/browser';
import { isTargetOver } from '@rovi/contract';
import type { FleetRun, FleetTarget, FleetTargetState } from '@rovi/contract';
import { Link } from 'wouter';
import { Prose } from '../format/prose.js';
import { ToneIcon } from '../format/state-badge.js';
import type { Tone } from '../format/tone.js';
import { actorText, sentence } from '../format/words.js';
import { robotsText } from './robots-text.js';

const tones: Readonly<Record<FleetTargetState, Tone>> = {
  waiting: 'rest',
  asking: 'busy',
  sent: 'busy',
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  refused: 'bad',
  expired: 'warn',
  unknown: 'unknown',
  'left-out': 'rest',
};

const outcomes = {
  going: { tone: 'busy', text: 'under way' },
  done: { tone: 'good', text: 'done' },
  partly: { tone: 'warn', text: 'done on some, not on others' },
  failed: { tone: 'bad', text: 'not done' },
} as const;

/** Robots that did it, or wait for their turn, are told by name up to so many. */
const BY_NAME = 12;

/** How a command to several robots goes on, and what became of it: what went wrong first. */
export function RunCard({
  run,
  live,
  onClose,
}: {
  run: FleetRun;
  live: boolean;
  onClose?: (() => void) | undefined;
}) {
  const outcome = runOutcome(run);
  const { tone, text } = outcomes[outcome];
  const shown = outcome === 'going' && !live ? 'unknown' : tone;
  const title = fleetCommandText(run.command);
  const ended = run.targets.filter(({ state }) => isTargetOver(state)).length;
  const wrong = run.targets.filter(({ state }) => isTargetOver(state) && state !== 'succeeded');
  const others = run.targets.filter((target) => !wrong.includes(target));
  return (
    <section className="card fleet-run" data-tone={shown} aria-label={`Command: ${title}`}>
      <div className="section-head">
        <h2>
          {title.charAt(0).toUpperCase() + title.slice(1)} on {robotsText(run.targets.length)}
        </h2>
        <span className="badge" data-tone={shown}>
          <ToneIcon tone={shown} size={18} />
          {outcome === 'going' && !live ? 'was under way' : text}
        </span>
        {onClose !== undefined && outcome !== 'going' && (
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
        )}
      </div>
      <progress
        max={run.targets.length}
        value={ended}
        aria-label={`${ended} of ${run.targets.length} robots have ended`}
      />
      <p className="figures" role="status">
        {runTally(run)
          .map(([state, count]) => `${count} ${targetWords[state]}`)
          .join(' · ')}
      </p>
      <p className="soft small">
        By {actorText(run.actor)}
        {run.reason === '' ? '' : `: ${sentence(run.reason)}`}
      </p>
      {wrong.length > 0 && <Targets targets={wrong} label="Robots that did not do it" />}
      {others.length > 0 && others.length <= BY_NAME && (
        <Targets targets={others} label="Robots that did it or go on" />
      )}
      {others.length > BY_NAME && (
        <details>
          <summary>{robotsText(others.length)} more</summary>
          <Targets targets={others} label="Robots that did it or go on" />
        </details>
      )}
    </section>
  );
}

function Targets({ targets, label }: { targets: readonly FleetTarget[]; label: string }) {
  return (
    <ul className="fleet-targets" aria-label={label}>
      {targets.map(({ robot, state, problem, operation }) => (
        <li key={robot} data-tone={tones[state]}>
          <ToneIcon tone={tones[state]} size={18} />
          <span>
            <Link href={`/fleet/${encodeURIComponent(robot)}`}>{robot}</Link> {targetWords[state]}
            {problem !== null ? (
              <>
                : <Prose text={sentence(problem.message)} /> <Prose text={problem.mend} />{' '}
                <code>{problem.code}</code>
              </>
            ) : (
              operation !== null && <span className="soft">: {sentence(operation.message)}</span>
            )}
          </span>
        </li>
      ))}
    </ul>
  );
}
