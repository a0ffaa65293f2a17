import type { Problem } from '@rovi/contract';
import { Note } from '../format/note.js';
import { Prose } from '../format/prose.js';

/** What went wrong and what to do about it, in plain words; the code is for whoever looks it up. */
export function ProblemNote({
  problem,
  title,
  onClose,
}: {
  problem: Pick<Problem, 'code' | 'message' | 'mend'>;
  title?: string;
  onClose?: () => void;
}) {
  return (
    <Note
      tone="bad"
      {...(title === undefined ? {} : { title })}
      {...(onClose === undefined ? {} : { onClose })}
    >
      <p>
        <Prose text={problem.message} />
      </p>
      {problem.mend !== '' && (
        <p>
          <Prose text={problem.mend} />
        </p>
      )}
      <p className="soft small">
        Code: <code>{problem.code}</code>
      </p>
    </Note>
  );
}
