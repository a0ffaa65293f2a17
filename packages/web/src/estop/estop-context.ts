import { createContext, use } from 'react';
import { useStore } from 'zustand';
import type { Estop } from '@rovi/contract';
import { useRobotState } from '../live/robot-context.js';
import { estopOf } from './estop-switch.js';
import type { EstopState, EstopSwitch } from './estop-switch.js';

/** The e-stop of tickets. */
export const EstopContext = createContext<EstopSwitch | null>(null);

/** The e-stop of tickets. */
export function useEstopSwitch(): EstopSwitch {
  const found = use(EstopContext);
  if (found === null) throw new Error('there is no EstopContext above');
  return found;
}

/** A part of what is known of presses and resets. `select` must return what it was given. */
export function useEstopState<Part>(select: (state: EstopState) => Part): Part {
  return useStore(useEstopSwitch().store, select);
}

/** The e-stop as the robot last said it is; null where it has none, or has not said. Only as old as the link says. */
export function useEstop(): Estop | null {
  const answer = useEstopState((state) => state.answer);
  const desk = useRobotState(({ view }) => view?.snapshot.tickets ?? null);
  return estopOf(desk, answer);
}

/** Whether this robot has tickets; null until it has said. */
export function useHasTickets(): boolean | null {
  return useRobotState(({ view }) => (view === null ? null : view.snapshot.tickets !== null));
}
