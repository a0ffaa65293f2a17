import { RoviError } from '@rovi/contract';
import type { Timeline } from '@rovi/contract';
import { useEffect, useState } from 'react';
import { useIsLive, useRobot, useRobotState } from '../live/robot-context.js';
import type { RobotView } from '@rovi/client/browser';

/** Changes come in bursts: milliseconds to wait for the rest of one. */
const BURST_MS = 300;

/** What happened on the robot, read anew after every event that adds to it. */
export function useTimeline(): { readonly timeline: Timeline | null; readonly problem: RoviError | null } {
  const { client } = useRobot();
  const live = useIsLive();
  const happened = useRobotState(({ view }) => marker(view));
  const [answer, setAnswer] = useState<{ timeline: Timeline | null; problem: RoviError | null }>({
    timeline: null,
    problem: null,
  });
  const first = answer.timeline === null;

  useEffect(() => {
    if (!live) return;
    const gone = new AbortController();
    const timer = setTimeout(
      () => {
        client.timeline({ signal: gone.signal }).then(
          (timeline) => setAnswer({ timeline, problem: null }),
          (error: unknown) => {
            if (!gone.signal.aborted)
              setAnswer(({ timeline }) => ({ timeline, problem: RoviError.from(error) }));
          },
        );
      },
      first ? 0 : BURST_MS,
    );
    return () => {
      clearTimeout(timer);
      gone.abort(new RoviError('internal', 'read anew'));
    };
    // Whether it is the first reading decides when to read, not whether.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [client, live, happened]);
  return answer;
}

/** A text that changes with each event that adds to the timeline, and with no other. */
function marker(view: RobotView | null): string {
  if (view === null) return '';
  const { snapshot, operation } = view;
  return JSON.stringify([
    snapshot.boot_id,
    snapshot.gateway?.active_state,
    snapshot.gateway?.invocation_id,
    operation?.id,
    operation?.outcome,
    snapshot.stacks.map(({ state, unit }) => [state, unit.invocation_id]),
    view.incidentSeq,
    snapshot.services.map(({ instances }) =>
      instances.map(({ id, state, unit }) => [id, state, unit.invocation_id]),
    ),
  ]);
}
