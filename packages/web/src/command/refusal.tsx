import { commandText } from '../format/words.js';
import { useCommander, useCommanderState } from './commander-context.js';
import { ProblemNote } from './problem-note.js';

/** Why the last command was not taken, until it is closed or another one is taken. */
export function Refusal() {
  const commander = useCommander();
  const refusal = useCommanderState((state) => state.refusal);
  if (refusal === null) return null;
  const { kind, stack } = refusal.wish;
  const title =
    refusal.problem.code === 'gateway-unreachable'
      ? `“${commandText(kind, stack)}” may not have arrived`
      : `“${commandText(kind, stack)}” was refused`;
  return <ProblemNote title={title} problem={refusal.problem} onClose={() => commander.dismiss()} />;
}
