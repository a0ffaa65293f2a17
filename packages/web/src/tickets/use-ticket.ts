import { RoviError } from '@rovi/contract';
import type { TicketDetail } from '@rovi/contract';
import { useEffect, useState } from 'react';
import { useIsLive, useRobot, useRobotState } from '../live/robot-context.js';

/** One ticket with all that happened to it, read anew whenever something is told of it. */
export function useTicket(id: string): {
  readonly ticket: TicketDetail | null;
  readonly problem: RoviError | null;
} {
  const { client } = useRobot();
  const live = useIsLive();
  const beginnings = useRobotState(({ view }) => view?.beginnings ?? 0);
  const told = useTold(id);
  const [answer, setAnswer] = useState<{ ticket: TicketDetail | null; problem: RoviError | null }>({
    ticket: null,
    problem: null,
  });
  useEffect(() => {
    if (!live) return;
    const gone = new AbortController();
    client.tickets.read(id, { signal: gone.signal }).then(
      (ticket) => setAnswer({ ticket, problem: null }),
      (error: unknown) => {
        if (!gone.signal.aborted) setAnswer(({ ticket }) => ({ ticket, problem: RoviError.from(error) }));
      },
    );
    return () => gone.abort(new RoviError('internal', 'read anew'));
  }, [client, id, live, beginnings, told]);
  return answer;
}

/** Grows with each time that something is told of the ticket. */
function useTold(id: string): number {
  const { store } = useRobot();
  const [told, setTold] = useState(0);
  useEffect(
    () =>
      store.subscribe(({ view }, before) => {
        const ticket = view?.told ?? null;
        if (ticket?.id === id && ticket !== before.view?.told) setTold((count) => count + 1);
      }),
    [store, id],
  );
  return told;
}
