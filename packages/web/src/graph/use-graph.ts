import { RoviError } from '@rovi/contract';
import type { Graph } from '@rovi/contract';
import { useEffect, useMemo, useState } from 'react';
import { useIsLive, useRobot, useRobotState } from '../live/robot-context.js';
import { withStates } from './dependencies.js';

/**
 * The robot's graph, with states as events tell them. Read anew where events cannot tell: after another start of the
 * gateway, a change of its unit or of the catalog, and each time the link is back.
 */
export function useGraph(): { readonly graph: Graph | null; readonly problem: RoviError | null } {
  const { client } = useRobot();
  const live = useIsLive();
  const snapshot = useRobotState(({ view }) => view?.snapshot ?? null);
  const [answer, setAnswer] = useState<{ graph: Graph | null; problem: RoviError | null }>({
    graph: null,
    problem: null,
  });
  const boot = snapshot?.boot_id;
  const gateway = snapshot?.gateway;
  const services = snapshot?.services.map(({ name }) => name).join(' ');

  useEffect(() => {
    if (!live) return;
    const gone = new AbortController();
    client.graph({ signal: gone.signal }).then(
      (graph) => setAnswer({ graph, problem: null }),
      (error: unknown) => {
        if (!gone.signal.aborted) setAnswer(({ graph }) => ({ graph, problem: RoviError.from(error) }));
      },
    );
    return () => gone.abort(new RoviError('internal', 'read anew'));
  }, [client, live, boot, gateway, services]);

  const { graph, problem } = answer;
  return useMemo(
    () => ({ graph: graph === null ? null : withStates(graph, snapshot), problem }),
    [graph, problem, snapshot],
  );
}
