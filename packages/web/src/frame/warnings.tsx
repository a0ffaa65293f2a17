import { IconEye } from '@tabler/icons-react';
import { Note } from '../format/note.js';
import { agoText, sentence } from '../format/words.js';
import { useAge, useRobotState } from '../live/robot-context.js';

/** What makes everything else on the page doubtful: a lost link, and a gateway that lost systemd. */
export function Warnings() {
  const link = useRobotState((state) => state.link);
  const bus = useRobotState(({ view }) => view?.snapshot.bus ?? null);
  const viewer = useRobotState(
    ({ access }) => access.state === 'granted' && access.session.role === 'viewer',
  );
  return (
    <>
      {link.state === 'lost' && (
        <Note tone="unknown" title="The link to the robot is lost">
          <Age />
          <p>{sentence(link.problem.message)} It is tried again by itself. Stop is sent all the same.</p>
        </Note>
      )}
      {link.state === 'live' && bus !== null && !bus.connected && (
        <Note tone="unknown" title="The robot cannot ask systemd">
          <p>
            States are not known until it can again. What runs, runs on.
            {bus.error !== null && ` ${sentence(bus.error)}`}
          </p>
        </Note>
      )}
      {viewer && (
        <Note tone="rest" Icon={IconEye} title="You can look, but not command">
          <p>Your role is viewer. For commands, sign in with an operator’s token.</p>
        </Note>
      )}
    </>
  );
}

function Age() {
  const age = useAge();
  if (age === null) return <p>Nothing was heard of it yet.</p>;
  return <p>What is shown is what it said {agoText(age)}.</p>;
}
