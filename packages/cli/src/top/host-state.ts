import type { RobotView } from '@rovi/client';
import type { RoviError, ServiceStatus } from '@rovi/contract';

/** How the link to a host is. Moments are milliseconds since the epoch, on this machine's clock. */
export type Link =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** Nothing that was heard before is current. */
  | { readonly state: 'lost'; readonly since: number; readonly problem: RoviError; readonly retryAt: number };

/** What one unit uses, and the run that uses it. */
export interface UnitFigures {
  readonly cpuPercent: number | null;
  readonly memoryBytes: number | null;
  readonly run: string | null;
  readonly readAt: number;
}

/** All that is known of one host; another object after each change. */
export interface HostState {
  readonly name: string;
  readonly link: Link;
  /** As last heard; null before the first word. */
  readonly view: RobotView | null;
  /** By the unit's name; of the gateway `gateway`. */
  readonly figures: ReadonlyMap<string, UnitFigures>;
  /** When the host last gave a sign of life; null before the first. */
  readonly heardAt: number | null;
  /** When something last changed there; null before the first word. */
  readonly changedAt: number | null;
  /** How far the host's clock is ahead of this machine's, in milliseconds. */
  readonly clockAhead: number;
}

/** A host of which nothing is known yet. */
export function unheardHost(name: string): HostState {
  return {
    name,
    link: { state: 'connecting' },
    view: null,
    figures: new Map(),
    heardAt: null,
    changedAt: null,
    clockAhead: 0,
  };
}

/** What the host uses, by its answer; figures of before that are not in it are kept, for they have their age. */
export function withFigures(
  before: HostState['figures'],
  services: readonly ServiceStatus[],
  readAt: number,
): HostState['figures'] {
  const figures = new Map(before);
  for (const one of services) {
    figures.set(one.name, {
      cpuPercent: one.cpu_percent,
      memoryBytes: one.memory_bytes,
      run: one.invocation_id,
      readAt,
    });
  }
  return figures;
}
