import { robotAge } from '@rovi/client/browser';
import type { SeenRobot } from '@rovi/client/browser';
import { createContext, use, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useEachSecond, useIsLive, useMayCommand, useRobot } from '../live/robot-context.js';
import { FleetCommander } from './fleet-commander.js';
import type { FleetCommanderState } from './fleet-commander.js';
import { FleetFeed } from './fleet-feed.js';
import type { FleetState } from './fleet-feed.js';

/** The fleet of this page, while a view of it is open. */
export interface Fleet {
  readonly feed: FleetFeed;
  readonly commander: FleetCommander;
}

export const FleetContext = createContext<Fleet | null>(null);

/** The fleet of this page. */
export function useFleet(): Fleet {
  const fleet = use(FleetContext);
  if (fleet === null) throw new Error('there is no FleetContext above');
  return fleet;
}

/** Listens to the fleet while the component is there and the link to the gateway is live. */
export function useNewFleet(): Fleet {
  const { client, clock } = useRobot();
  const live = useIsLive();
  const [fleet] = useState(() => ({
    feed: new FleetFeed(client.fleet, () => clock.now()),
    commander: new FleetCommander(client.fleet),
  }));
  useEffect(() => {
    if (!live) return;
    fleet.feed.start();
    return () => fleet.feed.stop();
  }, [fleet, live]);
  return fleet;
}

/** A part of what is known of the fleet. `select` must return what it was given. */
export function useFleetState<Part>(select: (state: FleetState) => Part): Part {
  return useStore(useFleet().feed.store, select);
}

/** A part of what is known of commands to it. `select` must return what it was given. */
export function useFleetCommanderState<Part>(select: (state: FleetCommanderState) => Part): Part {
  return useStore(useFleet().commander.store, select);
}

/** True only while what is shown is what the gateway knows now: the page's own links are live, and the broker is there. */
export function useFleetIsLive(): boolean {
  const live = useIsLive();
  const told = useFleetState(({ link, view }) => link.state === 'live' && view?.broker.connected === true);
  return live && told;
}

/** Why nothing can be commanded now; null where it can. */
export function useWhyNot(): string | null {
  const live = useIsLive();
  const allowed = useMayCommand();
  const link = useFleetState(({ link: { state } }) => state);
  const broker = useFleetState(({ view }) => view?.broker ?? null);
  const key = useFleetState(({ view }) => view?.key ?? null);
  if (!allowed) return 'You can look, but not command.';
  if (!live || link !== 'live') return 'The link to this gateway is lost.';
  if (broker?.connected !== true) return 'This gateway has lost the fleet’s broker.';
  if (key === null) return 'This gateway has no key to sign commands with: it can only look.';
  return null;
}

/** Milliseconds since the robot's last word, now; null where it is not known. Renders again each second. */
export function useRobotAge(robot: SeenRobot): number | null {
  useEachSecond();
  const { clock } = useRobot();
  return robotAge(robot, clock.now());
}
