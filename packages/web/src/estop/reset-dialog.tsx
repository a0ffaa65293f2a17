import { Button, Modal } from '@mantine/core';
import { useEffect } from 'react';
import { ProblemNote } from '../command/problem-note.js';
import { Note } from '../format/note.js';
import { useIsLive, useRobotState } from '../live/robot-context.js';
import { QueuedTickets } from '../tickets/queued-tickets.js';
import { useEstop, useEstopState, useEstopSwitch } from './estop-context.js';

/** Asks before the e-stop is lifted, with what is queued: that goes on by its turn. */
export function ResetDialog() {
  const estop = useEstopSwitch();
  const asked = useEstopState((state) => state.asked);
  return (
    <Modal
      opened={asked}
      onClose={() => estop.close()}
      title="Reset the e-stop?"
      size="lg"
      yOffset={88}
      attributes={{ header: { role: 'presentation' } }}
      closeButtonProps={{ 'aria-label': 'Do not', size: 44 }}
    >
      {asked && <Asked />}
    </Modal>
  );
}

function Asked() {
  const estop = useEstopSwitch();
  const live = useIsLive();
  const active = useEstop()?.active ?? false;
  const { resetting, resetProblem } = useEstopState((state) => state);
  const desk = useRobotState(({ view }) => view?.snapshot.tickets ?? null);
  const total = desk?.counts.queued ?? 0;
  useEffect(() => {
    // Somebody else has reset it: there is nothing left to ask.
    if (live && !active) estop.close();
  }, [estop, live, active]);
  return (
    <div className="question">
      {resetProblem !== null && <ProblemNote title="It was not reset" problem={resetProblem} />}
      {!live && (
        <Note tone="unknown" title="The link is lost">
          <p>What is queued is not known now.</p>
        </Note>
      )}
      {desk === null || total === 0 ? (
        <p className="question-text">Nothing is queued: nothing begins by the reset.</p>
      ) : (
        <>
          <p className="question-text">
            {total === 1 ? 'One ticket is queued, and goes' : `${total} tickets are queued, and go`} on by{' '}
            {total === 1 ? 'its' : 'their'} turn at once. The robot may move.
          </p>
          <QueuedTickets desk={desk} />
        </>
      )}
      <div className="actions actions-end">
        <Button variant="default" onClick={() => estop.close()} data-autofocus>
          Do not
        </Button>
        <Button color="red" loading={resetting} disabled={!live} onClick={() => void estop.reset()}>
          Reset the e-stop
        </Button>
      </div>
    </div>
  );
}
