import { IconAlertOctagon } from '@tabler/icons-react';
import { Note } from '../format/note.js';
import { Prose } from '../format/prose.js';
import { useEstopState, useEstopSwitch } from './estop-context.js';

/** Says loudly that a press was not taken, or has no answer, and what to do instead. Within sight wherever one reads. */
export function EstopUnsent() {
  const estop = useEstopSwitch();
  const late = useEstopState((state) => state.late);
  const problem = useEstopState((state) => state.problem);
  if (problem !== null) {
    const silent = problem.code === 'gateway-unreachable';
    return (
      <div className="estop-unsent">
        <Note
          tone="bad"
          Icon={IconAlertOctagon}
          title={
            silent
              ? 'E-stop not sent: use the e-stop of the machine'
              : 'E-stop refused: use the e-stop of the machine'
          }
          onClose={() => estop.dismiss()}
        >
          <p>
            <Prose text={problem.message} />{' '}
            {silent && 'It may not have arrived, and is not sent again by itself.'}
            {!silent && <Prose text={problem.mend} />}
          </p>
        </Note>
      </div>
    );
  }
  if (!late) return null;
  return (
    <div className="estop-unsent">
      <Note tone="bad" Icon={IconAlertOctagon} title="E-stop not confirmed: use the e-stop of the machine">
        <p>It was sent, and the robot has not answered.</p>
      </Note>
    </div>
  );
}
