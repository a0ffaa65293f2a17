import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useIsLive, useRobot, useRobotState } from '../live/robot-context.js';
import { TicketPage } from './ticket-page.js';
import type { TicketChoice, TicketPageState } from './ticket-page.js';

/** Changes come in bursts: milliseconds to wait for the rest of one. */
const BURST_MS = 300;

/** A page of the list of tickets, as it is while the link is live. */
export function useTicketPage({ status, limit, offset }: TicketChoice): TicketPageState {
  const { client, clock, store } = useRobot();
  const live = useIsLive();
  const beginnings = useRobotState(({ view }) => view?.beginnings ?? 0);
  const make = (): TicketPage =>
    new TicketPage({
      calls: client.tickets,
      choice: { ...(status === undefined ? {} : { status }), limit, offset },
      soon: (run) => clock.after(BURST_MS, run),
    });
  const wanted = `${status ?? 'all'} ${limit} ${offset}`;
  const [shown, setShown] = useState(() => ({ wanted, page: make() }));
  if (shown.wanted !== wanted) setShown({ wanted, page: make() });
  const { page } = shown;

  useEffect(() => {
    if (!live) return;
    void page.read();
    const unsubscribe = store.subscribe(({ view }, before) => {
      const told = view?.told ?? null;
      if (told !== null && told !== before.view?.told) page.hear(told);
    });
    return () => {
      unsubscribe();
      page.close();
    };
  }, [page, store, live, beginnings]);
  return useStore(page.store);
}
