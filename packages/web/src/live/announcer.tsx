import { useState } from 'react';
import { commandText, localTimes } from '../format/words.js';
import { useRobotState } from './robot-context.js';
import type { RobotState } from './robot.js';

/** Says to a screen reader what changed, once it is true: the link, the active stack, the end of an operation. */
export function Announcer() {
  const link = useRobotState((state) => linkSentence(state));
  const stack = useRobotState((state) => stackSentence(state));
  const operation = useRobotState((state) => operationSentence(state));
  return (
    <>
      <Said text={link} />
      <Said text={stack} />
      <Said text={operation} />
    </>
  );
}

/** What is there when the page opens is not a change: only what comes after is said. */
function Said({ text }: { text: string }) {
  const [first] = useState(text);
  const [changed, setChanged] = useState(false);
  if (!changed && text !== first) setChanged(true);
  return (
    <div className="unseen" aria-live="polite" aria-atomic="true">
      {changed ? text : ''}
    </div>
  );
}

function linkSentence({ link }: RobotState): string {
  if (link.state === 'live') return 'The link to the robot is live.';
  return link.state === 'lost' ? 'The link to the robot is lost. What is shown may be old.' : '';
}

function stackSentence({ link, view }: RobotState): string {
  if (link.state !== 'live' || view === null) return '';
  const { active, known, stacks } = view.snapshot;
  if (!known) return 'It is not known which stack is active.';
  const stack = stacks.find(({ name }) => name === active);
  return stack === undefined ? 'No stack is active.' : `${stack.name}: ${localTimes(stack.verdict.text)}.`;
}

function operationSentence({ view }: RobotState): string {
  const operation = view?.operation ?? null;
  if (operation === null) return '';
  const what = commandText(operation.kind, operation.stack ?? operation.service);
  return operation.outcome === 'running'
    ? `${what} has begun.`
    : `${what} ${operation.outcome}. ${localTimes(operation.message)}`;
}
