import type { SeenRobot } from '@rovi/client/browser';
import { RoviError } from '@rovi/contract';
import type { Snapshot } from '@rovi/contract';
import { useEffect, useState } from 'react';
import { useRobot } from '../live/robot-context.js';

/** What a robot answered. */
export interface Look {
  /** Null where it has not answered: then `problem` says why, or it is still asked. */
  readonly snapshot: Snapshot | null;
  readonly problem: RoviError | null;
  readonly looking: boolean;
  readonly again: () => void;
}

/** Asks the robot for everything, when it is opened and after each report that says something else than the one before. */
export function useLook(robot: SeenRobot, live: boolean): Look {
  const { client } = useRobot();
  const [asked, setAsked] = useState(0);
  const [answer, setAnswer] = useState<{
    wanted: string | null;
    snapshot: Snapshot | null;
    problem: RoviError | null;
  }>({ wanted: null, snapshot: null, problem: null });
  const { robot: name } = robot;
  const wanted = `${asked} ${markerOf(robot)}`;

  useEffect(() => {
    if (!live) return;
    const gone = new AbortController();
    client.fleet.look(name, { signal: gone.signal }).then(
      (snapshot) => setAnswer({ wanted, snapshot, problem: null }),
      (error: unknown) => {
        if (!gone.signal.aborted) setAnswer({ wanted, snapshot: null, problem: RoviError.from(error) });
      },
    );
    return () => gone.abort(new RoviError('internal', 'asked anew'));
  }, [client, name, live, wanted]);
  const { snapshot, problem } = answer;
  return {
    snapshot,
    problem,
    looking: live && answer.wanted !== wanted,
    again: () => setAsked((count) => count + 1),
  };
}

/** A text that changes with all that a report says of the robot but its time. */
function markerOf({ presence, report }: SeenRobot): string {
  if (report === null) return presence;
  const { boot_id, level, text, active, known, estop, maintenance, stacks, services } = report;
  return JSON.stringify([
    presence,
    boot_id,
    level,
    text,
    active,
    known,
    estop,
    maintenance,
    stacks,
    services,
  ]);
}
