import { RoviError } from '@rovi/contract';
import { createContext, use, useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { read } from './figures.js';
import type { Figures } from './figures.js';
import { useIsLive, useRobot, useRobotState } from './robot-context.js';

const EACH_MS = 2_000;

interface FiguresReading {
  /** Null before the first answer. */
  readonly figures: Figures | null;
  /** Why the last reading failed; null where it did not. */
  readonly problem: RoviError | null;
}

const FiguresContext = createContext<FiguresReading>({ figures: null, problem: null });

/** The units' figures, and why there are none. */
export function useFigures(): FiguresReading {
  return use(FiguresContext);
}

/**
 * Reads the units' figures each two seconds while somebody can see the page and the link is live, and at once after a
 * stack changed. One request at a time: a robot that answers slowly is asked less often.
 */
export function FiguresReader({ children }: { children: ReactNode }) {
  const { client, clock } = useRobot();
  const live = useIsLive();
  const stacks = useRobotState(({ view }) => view?.snapshot.stacks);
  const supervised = useRobotState(({ view }) => view?.snapshot.services);
  const [reading, setReading] = useState<FiguresReading>({ figures: null, problem: null });

  useEffect(() => {
    if (!live) return;
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const once = async (): Promise<void> => {
      if (document.visibilityState === 'visible') {
        try {
          const services = await client.services({ signal: gone.signal, timeout: 10_000 });
          setReading(({ figures }) => ({ figures: read(figures, services, clock.now()), problem: null }));
        } catch (error) {
          if (gone.signal.aborted) return;
          setReading(({ figures }) => ({ figures, problem: RoviError.from(error) }));
        }
      }
      timer = setTimeout(() => void once(), EACH_MS);
    };
    // Changes come in bursts: the reading after the last of them counts.
    timer = setTimeout(() => void once(), 150);
    return () => {
      gone.abort(new RoviError('internal', 'read anew'));
      clearTimeout(timer);
    };
  }, [client, clock, live, stacks, supervised]);

  return <FiguresContext value={reading}>{children}</FiguresContext>;
}
