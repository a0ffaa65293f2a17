import { createContext, use } from 'react';
import { useStore } from 'zustand';
import type { Maintainer, MaintainerState } from './maintainer.js';

/** What begins and ends maintenance from this page. */
export const MaintainerContext = createContext<Maintainer | null>(null);

/** What begins and ends maintenance from this page. */
export function useMaintainer(): Maintainer {
  const maintainer = use(MaintainerContext);
  if (maintainer === null) throw new Error('there is no MaintainerContext above');
  return maintainer;
}

/** A part of how it is. `select` must return what it was given. */
export function useMaintainerState<Part>(select: (state: MaintainerState) => Part): Part {
  return useStore(useMaintainer().store, select);
}
