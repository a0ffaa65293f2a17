import { RoviError } from '@rovi/contract';
import type { HealthHistory } from '@rovi/contract';
import { useEffect, useState } from 'react';
import { useIsLive, useRobot } from '../live/robot-context.js';

const EACH_MS = 3_000;

/** The last looks of a service's checks, read anew while somebody can see the page; the answer before stays meanwhile. */
export function useHealthHistory(name: string): {
  readonly history: HealthHistory | null;
  readonly problem: RoviError | null;
} {
  const { client } = useRobot();
  const live = useIsLive();
  const [answer, setAnswer] = useState<{ history: HealthHistory | null; problem: RoviError | null }>({
    history: null,
    problem: null,
  });
  useEffect(() => {
    if (!live) return;
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const once = async (): Promise<void> => {
      if (document.visibilityState === 'visible') {
        try {
          setAnswer({ history: await client.healthHistory(name, { signal: gone.signal }), problem: null });
        } catch (error) {
          if (gone.signal.aborted) return;
          setAnswer(({ history }) => ({ history, problem: RoviError.from(error) }));
        }
      }
      timer = setTimeout(() => void once(), EACH_MS);
    };
    void once();
    return () => {
      gone.abort(new RoviError('internal', 'not shown any more'));
      clearTimeout(timer);
    };
  }, [client, live, name]);
  return answer;
}
