import { createContext, use } from 'react';
import { useStore } from 'zustand';
import type { Commander, CommanderState } from './commander.js';

/** What brings commands of this page to the robot. */
export const CommanderContext = createContext<Commander | null>(null);

/** What brings commands of this page to the robot. */
export function useCommander(): Commander {
  const commander = use(CommanderContext);
  if (commander === null) throw new Error('there is no CommanderContext above');
  return commander;
}

/** A part of what is known of commands on their way. `select` must return what it was given. */
export function useCommanderState<Part>(select: (state: CommanderState) => Part): Part {
  return useStore(useCommander().store, select);
}
