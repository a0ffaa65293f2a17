import type { Operation, OperationStep } from '@rovi/contract';
import { IconCheck, IconRefresh } from '@tabler/icons-react';
import { ProblemNote } from '../command/problem-note.js';
import { ToneIcon } from '../format/state-badge.js';
import type { Tone } from '../format/tone.js';
import { actorText, commandText, durationText, sentence, shortDurationText } from '../format/words.js';
import { useIsLive, useRobotState, useRobotTime } from '../live/robot-context.js';

const outcomes: Readonly<Record<Operation['outcome'], { readonly tone: Tone; readonly word: string }>> = {
  running: { tone: 'busy', word: 'under way' },
  succeeded: { tone: 'good', word: 'done' },
  failed: { tone: 'bad', word: 'failed' },
  cancelled: { tone: 'warn', word: 'cancelled' },
};

/** The command that is being carried out with its steps, or what came of the last one. */
export function OperationProgress() {
  const operation = useRobotState(({ view }) => view?.operation ?? null);
  const live = useIsLive();
  if (operation === null) return null;
  const running = operation.outcome === 'running';
  const { tone, word } =
    live || !running ? outcomes[operation.outcome] : { tone: 'unknown' as const, word: 'was under way' };
  return (
    <section className="card operation" data-tone={tone} aria-label="Last command">
      <h2>
        <ToneIcon tone={tone} size={24} />
        {commandText(operation.kind, operation.stack ?? operation.service)}: {word}
      </h2>
      <p className="soft small">
        By {actorText(operation.actor.name)}, {faces[operation.actor.face]}
        {operation.duration_ms === null ? '' : `, in ${shortDurationText(operation.duration_ms)}`}
        {operation.reason === '' ? '' : `: ${operation.reason}`}
      </p>
      {running ? (
        <ol className="steps">
          {operation.steps.map((step, index) => (
            <Step key={`${index} ${step.text}`} step={step} />
          ))}
        </ol>
      ) : (
        operation.problem === null && <p>{operation.message}</p>
      )}
      {operation.problem !== null && <ProblemNote problem={operation.problem} />}
      {operation.warnings.map((text) => (
        <p key={text}>{sentence(text)}</p>
      ))}
    </section>
  );
}

const faces: Readonly<Record<Operation['actor']['face'], string>> = {
  http: 'by the API',
  cli: 'from a shell',
  web: 'on this page',
  ros: 'from ROS',
  mqtt: 'over MQTT',
  conductor: 'the gateway itself',
};

function Step({ step }: { step: OperationStep }) {
  const now = useRobotTime();
  const running = step.duration_ms === null;
  const ms = step.duration_ms ?? (now === null ? 0 : now - Date.parse(step.started_at));
  return (
    <li data-tone={running ? 'busy' : 'good'}>
      {running ? (
        <IconRefresh size={18} aria-hidden className="turns" />
      ) : (
        <IconCheck size={18} aria-hidden />
      )}
      <span>{step.text}</span>
      <span className="figures soft">{running ? durationText(ms) : shortDurationText(ms)}</span>
    </li>
  );
}
