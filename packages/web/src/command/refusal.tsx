import { useCommander, useCommanderState } from './commander-context.js';
import { ProblemNote } from './problem-note.js';
import { wishText } from './wish.js';

/** Why the last command was not taken, until it is closed or another one is taken. */
export function Refusal() {
  const commander = useCommander();
  const refusal = useCommanderState((state) => state.refusal);
  if (refusal === null) return null;
  const what = wishText(refusal.wish);
  const title =
    refusal.problem.code === 'gateway-unreachable'
      ? `“${what}” may not have arrived`
      : `“${what}” was refused`;
  return <ProblemNote title={title} problem={refusal.problem} onClose={() => commander.dismiss()} />;
}
