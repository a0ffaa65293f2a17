import { IconTool } from '@tabler/icons-react';
import { Link } from 'wouter';
import { ProblemNote } from '../command/problem-note.js';
import { Note } from '../format/note.js';
import { actorText, sentence } from '../format/words.js';
import { useIsLive, useRobotState, useRobotTime } from '../live/robot-context.js';
import { useMaintainer, useMaintainerState } from '../maintenance/maintainer-context.js';
import { EndMaintenance } from '../maintenance/maintenance-badge.js';
import { untilText } from '../maintenance/maintenance-of.js';
import { criticalDown } from '../services/service-facts.js';

/** What is the matter with the robot as a whole: its maintenance, and critical services that are down. */
export function RobotMatters() {
  return (
    <>
      <CriticalDown />
      <RobotMaintenance />
      <NotMaintained />
    </>
  );
}

function CriticalDown() {
  const live = useIsLive();
  const services = useRobotState(({ view }) => view?.snapshot.services ?? null);
  const down = services === null ? [] : criticalDown(services);
  if (!live || down.length === 0) return null;
  return (
    <Note
      tone="bad"
      title={down.length === 1 ? 'A critical service is down' : `${down.length} critical services are down`}
    >
      <ul className="matters">
        {down.map(({ name, text }) => (
          <li key={name}>
            <Link href={`/service/${name}`}>{name}</Link>: {sentence(text)}
          </li>
        ))}
      </ul>
    </Note>
  );
}

function RobotMaintenance() {
  const now = useRobotTime();
  const live = useIsLive();
  const maintenance = useRobotState(
    ({ view }) => view?.snapshot.maintenance.find(({ target }) => target === null) ?? null,
  );
  if (maintenance === null || now === null) return null;
  return (
    <Note
      tone={live ? 'warn' : 'unknown'}
      Icon={IconTool}
      title={live ? 'The robot is in maintenance' : 'The robot was in maintenance'}
    >
      <p>
        {sentence(maintenance.reason)} By {actorText(maintenance.actor.name)}, {untilText(maintenance, now)}.
        Nothing starts meanwhile; what runs, runs on.
      </p>
      <div className="actions">
        <EndMaintenance target={null} />
      </div>
    </Note>
  );
}

/** Why a maintenance was not ended; of one that was to begin, the dialog tells. */
function NotMaintained() {
  const maintainer = useMaintainer();
  const problem = useMaintainerState((state) => (state.asked === undefined ? state.problem : null));
  if (problem === null) return null;
  return (
    <ProblemNote
      title="The maintenance was not changed"
      problem={problem}
      onClose={() => maintainer.dismiss()}
    />
  );
}
