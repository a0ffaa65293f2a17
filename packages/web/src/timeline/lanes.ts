import type { StackState, Timeline, Transition } from '@rovi/contract';

/** A unit in one state. Moments are milliseconds since the epoch. */
export interface Span {
  readonly state: StackState;
  readonly from: number;
  readonly to: number;
  /** What it began with; null where it is what was found at first. */
  readonly began: Transition | null;
}

/** One unit over time: its spans follow on each other without gaps. */
export interface Lane {
  readonly name: string;
  readonly spans: readonly Span[];
}

/** Changes that the gateway keeps. Where there are as many, older ones are gone. */
const KEPT = 1_000;

/** From when on the timeline is whole, in milliseconds since the epoch. */
export function knownSince({ since, transitions }: Timeline): number {
  const oldest = transitions.at(-1);
  return oldest === undefined || transitions.length < KEPT ? Date.parse(since) : Date.parse(oldest.at);
}

/** A lane for each of the units, up to now. `present` is their state now, for those of which no change is known. */
export function lanesOf(timeline: Timeline, present: ReadonlyMap<string, StackState>, now: number): Lane[] {
  const start = knownSince(timeline);
  const changes = timeline.transitions.toReversed();
  // An instance that is at rest by now is not among those that are: what it did is shown all the same.
  const all = new Map(present);
  for (const { name, to } of changes) if (name.includes('@')) all.set(name, present.get(name) ?? to);
  return [...all].map(([name, state]): Lane => {
    const own = changes.filter((change) => change.name === name);
    const spans: Span[] = [];
    let open: Omit<Span, 'to'> = { state: own[0]?.from ?? state, from: start, began: null };
    for (const change of own) {
      const at = Math.max(Date.parse(change.at), open.from);
      if (at > open.from) spans.push({ ...open, to: at });
      open = { state: change.to, from: at, began: change };
    }
    spans.push({ ...open, to: Math.max(now, open.from) });
    return { name, spans };
  });
}

/** Whether the unit failed without anybody having commanded what it was at. */
export function isCrash({ to, operation }: Transition): boolean {
  return to === 'FAILED' && operation === null;
}

/** Things that are drawn as one, for they are closer to each other than `apart` pixels. */
export interface Cluster<Thing> {
  /** The place of the first, in pixels. */
  readonly x: number;
  readonly things: readonly Thing[];
}

/** Joins things that would lie over each other. */
export function clustered<Thing>(
  things: readonly Thing[],
  place: (thing: Thing) => number,
  apart: number,
): Cluster<Thing>[] {
  const clusters: { x: number; things: Thing[] }[] = [];
  for (const thing of things.toSorted((a, b) => place(a) - place(b))) {
    const x = place(thing);
    const last = clusters.at(-1);
    if (last !== undefined && x - last.x < apart) last.things.push(thing);
    else clusters.push({ x, things: [thing] });
  }
  return clusters;
}
