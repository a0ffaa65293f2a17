import { RoviError } from '@rovi/contract';
import { useState } from 'react';
import { useRobot } from '../live/robot-context.js';

/** Milliseconds for the robot to take it. What comes of it, events tell. */
const TAKE_MS = 8_000;

export interface TicketCommands {
  readonly sending: boolean;
  /** Why the last one was not taken; null once another was sent, or it was read. */
  readonly problem: RoviError | null;
  dismiss(): void;
  /** None of them rejects. */
  execute(id: string, force: boolean): Promise<void>;
  cancel(id: string): Promise<void>;
}

/** What a person can command of tickets that are there. */
export function useTicketCommands(): TicketCommands {
  const { tickets } = useRobot().client;
  const [sending, setSending] = useState(false);
  const [problem, setProblem] = useState<RoviError | null>(null);
  const during = async (work: () => Promise<unknown>): Promise<void> => {
    setSending(true);
    setProblem(null);
    try {
      await work();
    } catch (error) {
      setProblem(RoviError.from(error));
    } finally {
      setSending(false);
    }
  };
  return {
    sending,
    problem,
    dismiss: () => setProblem(null),
    execute: (id, force) => during(() => tickets.execute(id, { force, async: true, timeout: TAKE_MS })),
    cancel: (id) => during(() => tickets.cancel(id, { timeout: TAKE_MS })),
  };
}
