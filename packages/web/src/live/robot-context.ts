import { createContext, use, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { Robot, RobotState } from './robot.js';

/** The robot of this page. */
export const RobotContext = createContext<Robot | null>(null);

/** The robot of this page, for commands and reads. */
export function useRobot(): Robot {
  const robot = use(RobotContext);
  if (robot === null) throw new Error('there is no RobotContext above');
  return robot;
}

/** A part of what is known of the robot; renders again when that part changes. `select` must return what it was given. */
export function useRobotState<Part>(select: (state: RobotState) => Part): Part {
  return useStore(useRobot().store, select);
}

/** True only while what is shown is the robot's present state. */
export function useIsLive(): boolean {
  return useRobotState(({ link }) => link.state === 'live');
}

/** Whether this person may command: false for viewers, and until it is known. */
export function useMayCommand(): boolean {
  return useRobotState(({ access }) => access.state === 'granted' && access.session.role !== 'viewer');
}

const listeners = new Set<() => void>();
let second = 0;
let ticking: ReturnType<typeof setInterval> | undefined;

/** Renders again each second, all who ask at the same moment. */
export function useEachSecond(): void {
  useSyncExternalStore(subscribeToSeconds, () => second);
}

function subscribeToSeconds(listener: () => void): () => void {
  listeners.add(listener);
  ticking ??= setInterval(() => {
    second += 1;
    for (const each of listeners) each();
  }, 1_000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(ticking);
    ticking = undefined;
  };
}

/** Milliseconds since the robot was last heard, now; null before it was. Renders again each second. */
export function useAge(): number | null {
  useEachSecond();
  const { clock } = useRobot();
  return useRobotState(({ link }) =>
    link.heardAt === null ? null : Math.floor((clock.now() - link.heardAt) / 1000) * 1000,
  );
}

/**
 * The robot's wall clock in milliseconds; it stands still at the last word while the link is not live. Null before the
 * first word. Renders again each second.
 */
export function useRobotTime(): number | null {
  useEachSecond();
  const { clock } = useRobot();
  return useRobotState(({ link, clockOffset }) => {
    if (clockOffset === null || link.heardAt === null) return null;
    return Math.floor(((link.state === 'live' ? clock.now() : link.heardAt) + clockOffset) / 1000) * 1000;
  });
}
